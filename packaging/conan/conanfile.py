"""The library of a release, for Conan 2: `conan create . --version VERSION`.

It is written in Embedded Swift, which Conan cannot build: the archive of the release is unpacked.
"""

from pathlib import Path

from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy, get

from conan import ConanFile


class Trillet(ConanFile):
    name = "libtrillet"
    package_type = "shared-library"
    description = "The Trillet voice-agent API for C and C++"
    homepage = "https://trillet.ai"
    license = "Apache-2.0"
    settings = "os", "arch"
    # Has libcurl and TLS inside, for systems without a libcurl.
    options = {"bundled": [True, False]}
    default_options = {"bundled": False}

    def validate(self) -> None:
        if (str(self.settings.os), str(self.settings.arch)) != ("Linux", "x86_64"):
            raise ConanInvalidConfiguration("libtrillet is released for Linux on x86_64")

    def build(self) -> None:
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def package(self) -> None:
        built, package = self.build_folder, Path(self.package_folder)
        for name in ("LICENSE", "THIRD-PARTY-NOTICES"):
            copy(self, name, built, str(package / "licenses"))
        copy(self, "*", str(Path(built) / "include"), str(package / "include"))
        place = "lib/bundled" if self.options.bundled else "lib"
        found = copy(self, "libtrillet.so*", str(Path(built) / place), str(package / "lib"))
        if not any(Path(path).name.startswith("libtrillet.so") for path in found):
            raise ConanInvalidConfiguration(
                f"the archive of this release has no library in {place}"
            )

    def package_info(self) -> None:
        self.cpp_info.libs = ["trillet"]
        self.cpp_info.set_property("cmake_file_name", "trillet")
        self.cpp_info.set_property("cmake_target_name", "trillet::trillet")
        self.cpp_info.set_property("pkg_config_name", "trillet")
