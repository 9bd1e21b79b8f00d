/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [repeat NAME]: copies of groups, with names, addresses and references of their own. */
#include <check.h>
#include <string.h>

#include "lab/base/error.h"
#include "lab/kinds/kinds.h"
#include "run_suite.h"

#define CARD                                                                                       \
	"[scenario]\n[server]\ntype = host\n[pci0]\ntype = pci\n[toe0]\ntype = toe\n"              \
	"address = 10.0.1.1/24 | assumed | a bench\ngateway = 10.0.1.254\ntcp.max_socks = 0\n"     \
	"[users]\ntype = peer\ncount = 3\naddress = 10.0.1.10/24\n"                                \
	"[lan7]\ntype = network\nmembers = toe0, users\n"                                          \
	"[load]\ntype = poisson\npeers = users | measured | all\ntargets = toe0\npath = /x\n"      \
	"[echo pump]\npeer = users\ntarget = toe0\n"                                                           \
	"[late]\ntype = fetch\npeer = users\ntarget = toe0\npath = /x\n"

static struct scenario *read_scenario(const char *more, GError **error) {
	g_autoptr(GString) bytes = g_string_new(CARD);
	struct scenario *sc;
	struct text *text;

	g_string_append(bytes, more);
	text = text_parse(bytes, "a.ini", error);
	ck_assert(text);
	sc = scenario_new(text, error);
	text_free(text);
	return sc;
}

static struct scenario *good(const char *more) {
	g_autoptr(GError) error = NULL;
	struct scenario *sc = read_scenario(more, &error);

	ck_assert_msg(sc, "%s", error ? error->message : "");
	return sc;
}

static void has_address(const struct scenario *sc, const char *name, const char *want) {
	const struct group *group = scenario_machine(sc, name);
	g_autofree char *address = NULL;

	ck_assert_msg(group, "no %s", name);
	address = quantity_format_address(group_address(group).addr);
	ck_assert_str_eq(address, want);
}

static void has_names(const struct scenario *sc, const struct kind *kind, const char *group,
                      const char *key, const char *want) {
	const struct group *found = scenario_find(sc, kind, group);
	g_autofree char *names = NULL;

	ck_assert_msg(found, "no %s", group);
	names = g_strjoinv(",", group_names(found, key));
	ck_assert_str_eq(names, want);
}

/* Each copy is in a network of its own, and its names mean the copies of its number. */
START_TEST(sets) {
	struct scenario *sc = good("[repeat card]\ngroups = toe0, users, lan7, pump\ncount = 3\n");
	const struct group *second;

	has_address(sc, "toe2", "10.0.3.1");
	has_address(sc, "users3", "10.0.3.10");
	has_names(sc, &kind_network, "lan7", "members", "toe0,users");
	has_names(sc, &kind_network, "lan9", "members", "toe2,users3");
	second = scenario_find(sc, &kind_toe, "toe1");
	ck_assert_uint_eq(group_gateway(second), 0x0a0002fe);
	ck_assert_uint_eq(group_machines(scenario_machine(sc, "users2")), 3);
	ck_assert_str_eq(group_text(scenario_find(sc, &kind_echo, "pump2"), "peer"), "users2");
	/* The rest of the scenario: lists have all of them, a single name is the first. */
	has_names(sc, &kind_poisson, "load", "peers", "users,users2,users3");
	has_names(sc, &kind_poisson, "load", "targets", "toe0,toe1,toe2");
	ck_assert_str_eq(group_text(scenario_find(sc, &kind_fetch, "late"), "target"), "toe0");
	ck_assert_ptr_null(scenario_find(sc, &kind_fetch, "late2"));
	scenario_free(sc);
}
END_TEST

/* On a wire that is not copied, machines follow each other. */
START_TEST(on_one_wire) {
	struct scenario *sc = good("[repeat more]\ngroups = users\ncount = 3\n");

	has_address(sc, "users", "10.0.1.10");
	has_address(sc, "users2", "10.0.1.13");
	has_address(sc, "users3", "10.0.1.16");
	has_names(sc, &kind_network, "lan7", "members", "toe0,users,users2,users3");
	scenario_free(sc);
}
END_TEST

static void keep_source(void *arg, const struct parameter *p) {
	if (g_str_equal(p->group, "toe1") && g_str_equal(p->key, "address"))
		g_string_printf(arg, "%s, %s, %s", p->value, p->role, p->source);
}

/* Roles and sources are copied; what a group without a type is, its copy is too. */
START_TEST(what_is_said) {
	g_autoptr(GString) said = g_string_new(NULL);
	struct scenario *sc = good(
		"[cost]\nsyscall = 5us\n[repeat all]\ngroups = toe0, cost, users, lan7\ncount = 2\n");

	scenario_parameters(sc, keep_source, said);
	ck_assert_str_eq(said->str, "10.0.2.1/24, assumed, a bench");
	ck_assert_int_eq(group_cost(scenario_find(sc, &kind_cost, "cost2"), "syscall", NULL).each,
	                 5 * SIM_US);
	scenario_free(sc);
}
END_TEST

/* Once is as without; and the text of one that was read can be read again. */
START_TEST(once_and_again) {
	struct scenario *none = good(""), *once = good("[repeat x]\ngroups = toe0, users, lan7\n"),
			*twice = good("[repeat x]\ngroups = toe0, users, lan7\ncount = 2\n"),
			*again = scenario_new(twice->text, NULL);
	g_autofree char *a = scenario_hash(none), *b = scenario_hash(once),
			*c = scenario_hash(twice), *d = scenario_hash(again);

	ck_assert_str_eq(a, b);
	ck_assert_str_ne(b, c);
	ck_assert_str_eq(c, d);
	scenario_free(none);
	scenario_free(once);
	scenario_free(twice);
	scenario_free(again);
}
END_TEST

static const struct {
	const char *says, *message;
} bad[] = {
	{"", "scenario: [repeat x] groups: missing; allowed: "},
	{"groups = toe\n",
         "a.ini: [repeat x] groups: there is no 'toe'; did you mean 'toe0'?; allowed: "},
	{"groups = toe0, toe0\n",
         "a.ini: [repeat x] groups: 'toe0' stands there twice; allowed: once"},
	{"groups = scenario\n",
         "a.ini: [repeat x] groups: 'scenario' cannot be there twice; allowed: "},
	{"groups = x\n", "a.ini: [repeat x] groups: 'x' cannot be there twice; allowed: "},
	{"groups = toe0\ncount = 0\n",
         "a.ini: [repeat x] count: out of range in '0'; allowed: a whole number without unit, "
         "such as 10, from 1 to 255"},
	{"groups = toe0\ncount = 2\n[toe1]\ntype = toe\n",
         "a.ini: [repeat x] groups: a copy of 'toe0' would be called 'toe1', as another group "
         "is; allowed: "},
	{"groups = users, lan7\ncount = 2\n[e]\n", "a.ini: [e] type: "},
};

START_TEST(refused) {
	g_autofree char *more = g_strconcat("[repeat x]\n", bad[_i].says, NULL);
	g_autoptr(GError) error = NULL;
	struct scenario *sc = read_scenario(more, &error);

	ck_assert_ptr_null(sc);
	ck_assert_msg(g_str_has_prefix(error->message, bad[_i].message), "%s", error->message);
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
}
END_TEST

/* As often as it may. */
START_TEST(far) {
	struct scenario *sc = good("[repeat x]\ngroups = toe0, users, lan7\ncount = 255\n");

	has_address(sc, "toe254", "10.0.255.1");
	scenario_free(sc);
}
END_TEST

/* Too many are refused before they are made. */
START_TEST(too_many) {
	g_autoptr(GString) more = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 20; i++)
		g_string_append_printf(more, "[f%c]\ntype = fileset\n", 'a' + i);
	g_string_append(more, "[repeat x]\ncount = 255\ngroups = fa");
	for (int i = 1; i < 20; i++)
		g_string_append_printf(more, ", f%c", 'a' + i);
	g_string_append(more, "\n");
	ck_assert_ptr_null(read_scenario(more->str, &error));
	ck_assert_str_eq(error->message, "a.ini: [repeat x] count: more than 4096 groups with the "
	                                 "copies; allowed: as many");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("repeat");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, sets);
	tcase_add_test(tc, on_one_wire);
	tcase_add_test(tc, what_is_said);
	tcase_add_test(tc, once_and_again);
	tcase_add_loop_test(tc, refused, 0, (int)G_N_ELEMENTS(bad));
	tcase_add_test(tc, far);
	tcase_add_test(tc, too_many);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
