/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweeps of a send benchmark, for the tests that plan, tabulate and draw them. */
#ifndef TESTS_SENDS_H
#define TESTS_SENDS_H

#include <check.h>

#include "lab/campaign/law.h"
#include "lab/campaign/sweep.h"

/* A send benchmark on a card, all of whose costs are 0 but the ones that a test gives. */
#define SENDS                                                                                                \
	"[scenario]\ntitle = it's 5 %\n[server]\ntype = host\n[pci0]\ntype = pci\nwidth = 64\n"              \
	"clock = 100MHz\nlatency = 1us\n"                                                                    \
	"host_read_latency = 0us\ndma_setup = 0us\nsetup_clocks = 0\narbitration_clocks = 0\nburst = 4KiB\n" \
	"[toe0]\ntype = toe\nkind = interrupt\npoll_spin = 8us\naddress = 10.0.0.1/24\n"                     \
	"[c]\ntype = peer\naddress = 10.0.0.2/24\n[lan]\ntype = network\nmembers = toe0, c\n"                \
	"[bench]\ntype = sendbench\npeer = c\nmessage = 800B\nfamily = toe\n"

static struct text *text;

static inline struct text *text_of(const char *says) {
	g_autoptr(GString) bytes = g_string_new(says);
	g_autoptr(GError) error = NULL;
	struct text *t = text_parse(bytes, "a.ini", &error);

	ck_assert_msg(t, "%s", error ? error->message : "");
	return t;
}

static inline void set_up(void) { text = text_of(SENDS); }
static inline void tear_down(void) { text_free(text); }

#define WORDS(...) ((char *[]){__VA_ARGS__, NULL})

static inline struct sweep_wanted *wanted(char **vary, char **sets) {
	static struct sweep_wanted w;

	w = (struct sweep_wanted){.axes.vary = vary, .sets = sets, .seed = 1, .repeat = 1};
	return &w;
}

static inline struct sweep *swept(char **vary) {
	g_autoptr(GError) error = NULL;
	struct sweep *sweep = sweep_new(text, wanted(vary, NULL), &error);

	ck_assert_msg(sweep, "%s", error ? error->message : "");
	return sweep;
}

#endif
