.PHONY: install
## make install     put library, headers and trillet.pc below PREFIX (/usr/local)
install: library
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(LIBRARY) $(DESTDIR)$(LIBDIR)/libtrillet.so.$(VERSION)
	ln -sf libtrillet.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libtrillet.so.$(ABI)
	ln -sf libtrillet.so.$(ABI) $(DESTDIR)$(LIBDIR)/libtrillet.so
	install -m 644 include/trillet.h include/trillet.hpp include/trillet_sandbox.hpp \
	    $(DESTDIR)$(INCLUDEDIR)
	install -d $(DESTDIR)$(PREFIX)/share/trillet
	install -m 644 Sources/thread-sanitizer.supp $(DESTDIR)$(PREFIX)/share/trillet
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
	    -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	    Sources/trillet.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/trillet.pc
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/trillet.pc
ifeq ($(DESTDIR),)
	@ldconfig 2>/dev/null || true
endif

.PHONY: uninstall
uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/share/trillet
	rm -f $(DESTDIR)$(LIBDIR)/libtrillet.so $(DESTDIR)$(LIBDIR)/libtrillet.so.$(ABI) \
	    $(DESTDIR)$(LIBDIR)/libtrillet.so.$(VERSION) $(DESTDIR)$(LIBDIR)/pkgconfig/trillet.pc \
	    $(DESTDIR)$(INCLUDEDIR)/trillet.h $(DESTDIR)$(INCLUDEDIR)/trillet.hpp \
	    $(DESTDIR)$(INCLUDEDIR)/trillet_sandbox.hpp
