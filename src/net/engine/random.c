/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stack's own random numbers: the same seed gives the same. */
#include "net/engine/internal.h"

uint64_t stack_mix(uint64_t x) {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

uint64_t stack_random(struct net_stack *st) {
	st->random += 0x9e3779b97f4a7c15U;
	return stack_mix(st->random);
}
