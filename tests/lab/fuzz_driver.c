/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define LONGEST 65536

/* Where GLib's random numbers are enough: the same on any machine for a seed. */
static GRand *dice;

static gsize below(gsize n) { return n ? (gsize)g_rand_int(dice) % n : 0; }

/* A piece of any seed, whole lines if it can be. */
static void splice(GString *input, const GPtrArray *seeds) {
	const GString *from = seeds->pdata[below(seeds->len)];
	gsize at = below(from->len), length = below(200), to = below(input->len);
	const char *line = strchr(from->str + at, '\n'), *end;

	if (line && below(4)) {
		end = strchr(line + 1, '\n');
		at = (gsize)(line + 1 - from->str);
		length = end ? (gsize)(end + 1 - line - 1) : length;
		line = strchr(input->str + to, '\n');
		to = line ? (gsize)(line + 1 - input->str) : to;
	}
	length = MIN(length, from->len - at);
	g_string_insert_len(input, (gssize)to, from->str + at, (gssize)length);
}

static void change(GString *input, const GPtrArray *seeds) {
	static const char *const words[] = {"0",    "-1",       "1e309", "99999999999999999999",
	                                    "nan",  "=",        "[",     "]",
	                                    "{",    "}",        "\n",    ",",
	                                    "\"",   "|",        ".",     "\0",
	                                    "\xff", "\xc3\xa9", "%",     "9223372036854775807"};
	gsize at = below(input->len), length = below(64);

	switch (below(6)) {
	case 0:
		if (input->len)
			input->str[at] = (char)below(256);
		break;
	case 1:
		g_string_erase(input, (gssize)at, (gssize)MIN(length, input->len - at));
		break;
	case 2:
		g_string_insert(input, (gssize)at, words[below(G_N_ELEMENTS(words))]);
		break;
	case 3:
		g_string_truncate(input, below(8) ? input->len : at);
		break;
	default:
		splice(input, seeds);
		break;
	}
}

static void free_seed(gpointer seed) { g_string_free(seed, TRUE); }

int main(int argc, char **argv) {
	unsigned inputs = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
	GPtrArray *seeds = fuzz_seeds(argc > 2 ? argv + 2 : argv + argc);

	g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
	dice = g_rand_new_with_seed(20050415);
	g_ptr_array_set_free_func(seeds, free_seed);
	must(seeds->len > 0);
	for (unsigned i = 0; i < inputs; i++) {
		const GString *seed = seeds->pdata[below(seeds->len)];
		GString *input = g_string_new_len(seed->str, (gssize)seed->len);

		for (gsize changes = below(8); changes > 0; changes--)
			change(input, seeds);
		LLVMFuzzerTestOneInput((const uint8_t *)input->str, MIN(input->len, LONGEST));
		g_string_free(input, TRUE);
	}
	printf("%u inputs\n", inputs);
	g_rand_free(dice);
	g_ptr_array_unref(seeds);
	return 0;
}
