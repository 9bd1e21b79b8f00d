/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which vectors does the processor have?  For what handles many words at once: its units are tried in order. */
#ifndef NET_VECTORS_H
#define NET_VECTORS_H

#include <stdbool.h>

/* The C library knows what the processor has.  (So does the compiler's own library, which a link-time
 * optimisation forgets to link.) */
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define VECTORS_X86
#endif

#define INLINED static inline __attribute__((always_inline))

static inline bool any_processor(void) { return true; }

#ifdef VECTORS_X86
static inline bool has_avx2(void) { return CPU_FEATURE_ACTIVE(AVX2); }
/* Older ones that know AVX-512, too, slow down when it is used; those with its second set of bytes do not. */
static inline bool has_avx512(void) { return CPU_FEATURE_ACTIVE(AVX512_VBMI2); }
#endif

#endif
