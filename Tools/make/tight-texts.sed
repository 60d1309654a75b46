# Of what swiftc makes for LLVM: texts stand side by side. LLVM puts each of more than 16 bytes at a
# multiple of 16, which makes 3.5 KB of gaps. Code that counts on that would crash: it ends the build.
/align (2|4|8|16|32) @"?\.str\./{
s/.*/tight-texts.sed: code reads a text as if it were aligned: &/
w /dev/stderr
q 1
}
/^@"?\.str\..* constant \[[0-9]+ x i8\] c".*"$/s/$/, align 1/
