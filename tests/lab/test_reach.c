/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario may say and hardly means: who cannot reach whom. */
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "lab/kinds/kinds.h"
#include "lab/scenario/reach.h"
#include "run_suite.h"

/* A NIC and a card on a wire each, with a peer group behind each. */
#define MACHINE                                                                                         \
	"[scenario]\nduration = 1s\n[server]\ntype = host\n[pci0]\ntype = pci\n"                        \
	"[eth0]\ntype = nic\naddress = 10.0.0.1/24\n[toe0]\ntype = toe\naddress = 10.0.1.1/24\n"        \
	"[c]\ntype = peer\naddress = 10.0.0.2/24\n[d]\ntype = peer\ncount = 2\naddress = 10.0.1.2/24\n" \
	"[lan]\ntype = network\nmembers = eth0, c\n[lan1]\ntype = network\nmembers = toe0, d\n"

static GPtrArray *warnings(const char *more) {
	g_autoptr(GString) bytes = g_string_new(MACHINE);
	g_autoptr(GError) error = NULL;
	struct text *text;
	struct scenario *sc;
	GPtrArray *out;

	g_string_append(bytes, more);
	text = text_parse(bytes, "a.ini", &error);
	sc = text ? scenario_new(text, &error) : NULL;
	ck_assert_msg(sc, "%s", error ? error->message : "");
	out = reach_warnings(sc);
	scenario_free(sc);
	text_free(text);
	return out;
}

/* What is said of each, a line a warning. */
static const struct {
	const char *more, *lines;
} cases[] = {
	{"", ""},
	{"[f]\ntype = fetch\npeer = c\ntarget = eth0\npath = /a\n", ""},
	{"[f]\ntype = fetch\npeer = c\ntarget = toe0\npath = /a\n",
         "a.ini: [f] target: 'c' cannot reach 'toe0': no network has both among its members\n"},
	{"[f]\ntype = fetch\npeer = c\ntarget = toe0\npath = /a\nenabled = no\n", ""},
	{"[w]\ntype = specweb\npeers = c, d\ntargets = toe0\n",
         "a.ini: [w] targets: 'c' cannot reach 'toe0': no network has both among its members\n"},
	/* The first connection goes from c to eth0, and there is no other. */
	{"[w]\ntype = specweb\npeers = c, d\ntargets = eth0, toe0\nconnections = 1\n", ""},
	/* c to eth0, d (2) to toe0 and eth0, then c to toe0. */
	{"[w]\ntype = specweb\npeers = c, d\ntargets = eth0, toe0\nconnections = 100\n",
         "a.ini: [w] targets: 'd' cannot reach 'eth0': no network has both among its members\n"
         "a.ini: [w] targets: 'c' cannot reach 'toe0': no network has both among its members\n"},
	{"[s]\ntype = streaming\npeers = c, d\ntargets = eth0, toe0\ngroup = 239.1.1.1\n", ""},
	{"[s]\ntype = streaming\npeers = c, d\ntargets = eth0\ngroup = 239.1.1.1\n",
         "a.ini: [s] peers: nothing comes to 'd': no network has it and one of the targets among its members\n"},
	{"[s]\ntype = streaming\npeers = d\ntargets = eth0, toe0\ngroup = 239.1.1.1\n",
         "a.ini: [s] targets: nobody listens to 'eth0': no network has it and one of the peers among its members\n"},
	{"[e]\ntype = nic\naddress = 10.0.0.9/24\n[g]\ntype = peer\naddress = 10.0.0.8/24\n"
         "[lan2]\ntype = network\nmembers = e, g\n",
         "a.ini: [e] address: 'eth0' of the same host is in this subnet too: one of them sends for both\n"},
	{"[host2]\ntype = host\n[pci2]\ntype = pci\nhost = host2\n[e]\ntype = nic\nbus = pci2\naddress = 10.0.0.9/24\n"
         "[g]\ntype = peer\naddress = 10.0.0.8/24\n[lan2]\ntype = network\nmembers = e, g\n",
         ""},
	{"[e]\ntype = nic\naddress = 10.0.7.1/24\n[g]\ntype = peer\naddress = 10.0.8.1/24\n"
         "[lan2]\ntype = network\nmembers = e, g\n",
         "a.ini: [g] address: no other member of 'lan2' is in this subnet\n"},
	{"[e]\ntype = nic\naddress = 10.0.7.1/24\ngateway = 10.0.7.9\n[g]\ntype = peer\naddress = 10.0.8.1/24\n"
         "gateway = 10.0.8.9\n[lan2]\ntype = network\nmembers = e, g\n"
         "[f]\ntype = fetch\npeer = g\ntarget = e\npath = /a\n",
         ""},
	{"[e]\ntype = nic\naddress = 10.0.7.1/24\n[g]\ntype = peer\naddress = 10.0.8.1/24\n"
         "gateway = 10.0.8.9\n[lan2]\ntype = network\nmembers = e, g\n"
         "[f]\ntype = fetch\npeer = g\ntarget = e\npath = /a\n",
         "a.ini: [f] target: 'g' cannot reach 'e': their addresses are of different subnets\n"},
};

START_TEST(said) {
	g_autoptr(GPtrArray) out = warnings(cases[_i].more);
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; i < out->len; i++)
		g_string_append_printf(lines, "%s\n", (char *)out->pdata[i]);
	ck_assert_str_eq(lines->str, cases[_i].lines);
}
END_TEST

START_TEST(printed) {
	g_autoptr(GString) bytes =
		g_string_new(MACHINE "[f]\ntype = fetch\npeer = c\ntarget = toe0\npath = /a\n");
	struct text *text = text_parse(bytes, "a.ini", NULL);
	struct scenario *sc = scenario_new(text, NULL);
	struct captured err = captured_begin(STDERR_FILENO);
	g_autofree char *out = NULL;

	g_set_prgname("sopsim run");
	reach_warn(sc);
	out = captured_end(err);
	ck_assert_str_eq(
		out,
		"sopsim run: warning: a.ini: [f] target: 'c' cannot reach 'toe0': no network has both "
		"among its members\n");
	scenario_free(sc);
	text_free(text);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("reach");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, said, 0, (int)G_N_ELEMENTS(cases));
	tcase_add_test(tc, printed);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
