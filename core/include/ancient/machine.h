/* core: the machines that the library runs on; every public header includes this one.  The format
 * is that of OCaml's heap on them, and addresses have 47 bits. */
#ifndef ANCIENT_MACHINE_H
#define ANCIENT_MACHINE_H

#if !defined(__linux__) || !(defined(__x86_64__) || defined(__aarch64__)) || !defined(__LP64__) || \
	__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Ancient runs on Linux on x86-64 and little-endian 64-bit Arm, with pointers of 64 bits"
#endif

#endif
