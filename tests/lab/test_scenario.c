/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenario files: reading, including, overriding, and refusing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/campaign/plan.h"
#include "run_suite.h"
#include "scratch.h"

#define MACHINES                                                                                   \
	"[server]\ntype = host\n[pci0]\ntype = pci\n[eth0]\ntype = nic\naddress = 10.0.0.1/24\n"         \
	"[client]\ntype = peer\naddress = 10.0.0.2/24\n"
#define LAN "[lan]\ntype = network\nmembers = eth0, client\n"

static char *dir;

static void set_up(void) { dir = scratch_new(); }

static void tear_down(void) { scratch_remove(dir); }

static char *file(const char *name, const char *text) { return scratch_file(dir, name, text); }

static struct scenario *load(const char *text, GError **error) {
	g_autofree char *path = file("a.ini", text);
	struct text *raw = text_load(path, error);
	struct scenario *sc = raw ? scenario_new(raw, error) : NULL;

	if (raw)
		text_free(raw);
	return sc;
}

/* Refused in one line that says all of the words. */
static void refused(const char *text, const char *const *words) {
	g_autoptr(GError) error = NULL;

	ck_assert_msg(!load(text, &error), "was taken:\n%s", text);
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
	ck_assert_ptr_null(strchr(error->message, '\n'));
	ck_assert(g_utf8_validate(error->message, -1, NULL));
	for (; *words; words++)
		ck_assert_msg(strstr(error->message, *words), "'%s' does not say '%s'",
		              error->message, *words);
}
#define REFUSED(text, ...) refused(text, (const char *const[]){"a.ini", "allowed", __VA_ARGS__, NULL})

static struct cost_value cost_in(const struct scenario *sc, const char *key) {
	return group_cost(scenario_find(sc, &kind_cost, "cost"), key, NULL);
}

static const struct net_params *net_in(const struct group *group) {
	return (const void *)((const char *)group->conf + group->kind->net);
}

START_TEST(values_arrive) {
	g_autoptr(GError) error = NULL;
	struct scenario *sc = load(MACHINES LAN "[cost]\nsyscall = 700ns | measured | lmbench\n"
	                                        "copy_tx = 1us + 4.5ns/B\n",
	                           &error);

	ck_assert_msg(sc, "%s", error ? error->message : "");
	ck_assert_str_eq(group_text(scenario_find(sc, &kind_pci, "pci0"), "host"), "server");
	ck_assert_int_eq(cost_in(sc, "syscall").each, 700 * SIM_NS);
	ck_assert_int_eq(cost_in(sc, "copy_tx").per_byte, 4500);
	scenario_free(sc);
}
END_TEST

START_TEST(bad_input_is_told) {
	REFUSED("[scenario]\n[pci0]\ntype = pcy\n", "[pci0] type", "unknown type 'pcy'", "pci");
	REFUSED("[scenario]\n[bogus]\nx = 1\n", "[bogus]", "unknown type");
	REFUSED(MACHINES LAN "[pci1]\ntype = pci\nlatencey = 1us\n", "[pci1] latencey",
	        "did you mean 'latency'");
	REFUSED(MACHINES LAN "[pci1]\ntype = pci\nlatency = 5\n", "[pci1] latency", "missing unit");
	REFUSED(MACHINES LAN "[pci1]\ntype = pci\nlatency = -5us\n", "negative");
	REFUSED(MACHINES LAN "[pci1]\ntype = pci\nlatency = 1s\n", "out of range", "10us");
	REFUSED(MACHINES LAN "[pci1]\ntype = pci\nhost = sever\n", "[pci1] host", "'server'");
	REFUSED(MACHINES LAN "[pci1]\ntype = pci\nwidth = 48\n", "32 or 64");
	REFUSED(MACHINES LAN "[cost]\nsyscall = 1us | guessed | me\n", "unknown role 'guessed'");
	REFUSED(MACHINES LAN "[cost]\nsyscal = 1us\n", "did you mean 'syscall'");
	REFUSED(MACHINES LAN "[c2]\ntype = peer\naddress = 10.0.0.9/24\ntcp.rto_mim = 1s\n",
	        "[c2] tcp.rto_mim");
	REFUSED("[pci0\n", "allowed");
	REFUSED("[scenario]\ntype = host\n", "[scenario] type", "scenario, or no type");
}
END_TEST

/* What was written is never what was meant. */
START_TEST(types_that_are_written_otherwise) {
	static const char *const words[] = {"echo", "each"};

	REFUSED("[scenario]\n[ask]\ntype = echo\n", "[ask] type", "allowed: [echo ask]");
	REFUSED("[scenario]\n[echo]\n", "[echo] type", "allowed: [echo NAME]");
	REFUSED("[scenario]\n[toe card0]\n", "[toe card0]", "allowed: [card0] with type = toe");
	ck_assert_str_eq(nearest_word("echo", words, 2), "each");
	ck_assert_ptr_null(nearest_word("echo", words, 1));
}
END_TEST

/* What a message shows of a text is cut between characters, not within one. */
START_TEST(messages_are_whole_characters) {
	g_autoptr(GString) name = g_string_new("[scenario]\n[x");

	for (unsigned i = 0; i < 200; i++)
		g_string_append(name, "\xc3\xa9");
	g_string_append(name, "]\ntype = host\n");
	REFUSED(name->str, "no name of a group");
	REFUSED(MACHINES LAN "[program p]\ntext = {\n\xc3\xa9\n}\n", "[program p] text",
	        "'\xc3\xa9' has no");
}
END_TEST

START_TEST(machines_and_networks_are_checked) {
	REFUSED(MACHINES LAN
	        "[toe0]\ntype = toe\naddress = 10.0.0.1/24\n"
	        "[lan2]\ntype = network\nmembers = toe0, c\n[c]\ntype = peer\naddress = 10.0.0.7/24\n",
	        "10.0.0.1", "[eth0]", "address");
	REFUSED(MACHINES, "no network has 'eth0'");
	REFUSED(MACHINES "[lan]\ntype = network\nmembers = eth0\n", "network of one");
	REFUSED(MACHINES "[lan]\ntype = network\nmembers = eth0, clint\n", "did you mean 'client'");
	REFUSED(MACHINES LAN "[lan2]\ntype = network\nmembers = eth0, client\n", "already");
	REFUSED(MACHINES LAN "[f]\ntype = fetch\npeer = client\ntarget = eth0\n",
	        "fileset or path");
	REFUSED(MACHINES LAN "[sw]\ntype = specweb\npeers = client\ntargets = eth0\nclass0 = 50%\n",
	        "add up");
}
END_TEST

START_TEST(includes) {
	g_autoptr(GError) error = NULL;
	G_GNUC_UNUSED g_autofree char *base =
		file("base.ini", MACHINES "[cost]\nsyscall = 1us\ndispatch = 2us\n");
	struct scenario *sc =
		load("[scenario]\ninclude = base.ini\n" LAN "[cost]\nsyscall = 3us\n", &error);

	ck_assert_msg(sc, "%s", error ? error->message : "");
	ck_assert_int_eq(cost_in(sc, "syscall").each, 3 * SIM_US);
	ck_assert_int_eq(cost_in(sc, "dispatch").each, 2 * SIM_US);
	scenario_free(sc);
	REFUSED("[scenario]\ninclude = nowhere.ini\n", "[scenario] include", "nowhere.ini");
	REFUSED("[scenario]\ninclude = a.ini\n", "includes itself");
}
END_TEST

START_TEST(overrides) {
	g_autoptr(GError) error = NULL;
	g_autofree char *path = file("o.ini", MACHINES LAN);
	struct text *text = text_load(path, NULL);
	struct scenario *sc;

	ck_assert(text_override_pair(text, "pci0.latency=2us", "--set", &error));
	ck_assert(text_override_pair(text, "client.tcp.rto_min=300ms", "--set", &error));
	sc = scenario_new(text, &error);
	ck_assert(sc);
	ck_assert_int_eq(group_number(scenario_find(sc, &kind_pci, "pci0"), "latency"), 2 * SIM_US);
	ck_assert_int_eq(net_in(scenario_find(sc, &kind_peer, "client"))->rto_min, 300 * SIM_MS);
	scenario_free(sc);
	ck_assert(!text_override_pair(text, "pci0.latency", "--set", &error));
	g_clear_error(&error);
	ck_assert(!text_override_pair(text, "pc0.latency=1us", "--set", &error));
	ck_assert_ptr_nonnull(strstr(error->message, "did you mean 'pci0'"));
	g_clear_error(&error);
	ck_assert(!text_override_pair(text, "latency=1us", "--set", &error));
	text_free(text);
}
END_TEST

/* Configs change the base, experiments too, --set wins; "quick." only when asked. */
START_TEST(plans) {
	g_autofree char *path = file(
		"p.ini", MACHINES LAN
		"[sw]\ntype = specweb\npeers = client\ntargets = eth0\n[f]\ntype = fileset\n"
		"[scenario]\nduration = 1s\n"
		"[config one]\npci0.latency = 1us\n[config two]\npci0.latency = 2us\npci0.burst = 256B\n"
		"[experiment e]\nconfigs = one, two\nload = sw.offered\noffered = 10, 20\n"
		"scenario.warmup = 3s\nquick.scenario.warmup = 2s\n");
	g_autoptr(GError) error = NULL;
	char *sets[] = {(char *)"pci0.burst=512B", NULL};
	struct plan *plan = plan_new(path, sets, NULL, NULL, true, 1, &error);
	const struct run_spec *spec;
	struct scenario *sc;

	ck_assert_msg(plan, "%s", error ? error->message : "");
	ck_assert_uint_eq(plan->specs->len, 4);
	ck_assert_uint_eq(plan_nth(plan, "e", "two", 1)->offered, 20);
	ck_assert_ptr_null(plan_nth(plan, "e", "two", 2));
	spec = plan->specs->pdata[3];
	sc = scenario_new(spec->text, NULL);
	ck_assert_int_eq(group_number(scenario_find(sc, &kind_pci, "pci0"), "latency"), 2 * SIM_US);
	ck_assert_uint_eq(group_number(scenario_find(sc, &kind_pci, "pci0"), "burst"), 512);
	ck_assert_int_eq(scenario_head(sc)->warmup, 2 * SIM_S);
	ck_assert_double_eq(group_number(scenario_find(sc, &kind_specweb, "sw"), "offered"), 20);
	scenario_free(sc);
	plan_free(plan);
}
END_TEST

/* The warm-up of a planned run, in seconds. */
static double warmup_of(const struct plan *plan, unsigned i) {
	const struct run_spec *spec = plan->specs->pdata[i];
	struct scenario *sc = scenario_new(spec->text, NULL);
	double seconds = sim_to_s(scenario_head(sc)->warmup);

	scenario_free(sc);
	return seconds;
}

/* Each load point in as many seeds as its experiment says, from the plan's on; easy ones with settings of their
 * own, which --set beats.  Quick: one seed. */
START_TEST(plans_of_seeds) {
	g_autofree char *path = file(
		"p.ini", MACHINES LAN
		"[sw]\ntype = specweb\npeers = client\ntargets = eth0\n[f]\ntype = fileset\n"
		"[scenario]\nduration = 1s\n[config one]\npci0.latency = 1us\n"
		"[config two]\ne.easy = 10, 20\n"
		"[config three]\ne.offered = 20, 30\n"
		"[experiment e]\nconfigs = one, two, three\nload = sw.offered\noffered = 10, 20\nrepeat = 3\n"
		"easy = 10\nscenario.warmup = 3s\neasy.scenario.warmup = 2s\n"
		"long = 30\nlong.scenario.warmup = 9s\n");
	char *sets[] = {(char *)"scenario.warmup=5s", NULL};
	struct plan *plan = plan_new(path, NULL, NULL, NULL, false, 7, NULL);
	const struct plan_item *second;

	ck_assert_uint_eq(plan->specs->len, 18);
	second = plan_nth(plan, "e", "one", 1);
	ck_assert_uint_eq(second->offered, 20);
	ck_assert_ptr_null(plan_nth(plan, "e", "one", 2));
	for (unsigned r = 0; r < 3; r++) {
		ck_assert_uint_eq(plan_replica(plan, second, r)->replication, r);
		ck_assert_uint_eq(((const struct run_spec *)plan->specs->pdata[3 + r])->seed,
		                  7 + r);
	}
	ck_assert_ptr_null(plan_replica(plan, second, 3));
	ck_assert_ptr_null(plan_replica(plan, plan_nth(plan, "e", "one", 0), 3));
	ck_assert_double_eq(warmup_of(plan, 2), 2);
	ck_assert_double_eq(warmup_of(plan, 3), 3);
	ck_assert_double_eq(warmup_of(plan, 9), 2); /* a config knows of more */
	/* It may have load points of its own; those that are long. */
	ck_assert_uint_eq(plan_nth(plan, "e", "three", 0)->offered, 20);
	ck_assert_uint_eq(plan_nth(plan, "e", "three", 1)->offered, 30);
	ck_assert_double_eq(warmup_of(plan, 12), 3);
	ck_assert_double_eq(warmup_of(plan, 15), 9);
	plan_free(plan);
	plan = plan_new(path, sets, NULL, NULL, true, 7, NULL);
	ck_assert_uint_eq(plan->specs->len, 6);
	ck_assert_double_eq(warmup_of(plan, 0), 5);
	plan_free(plan);
}
END_TEST

/* What a value may be, and whether it is. */
static void find_range(void *arg, const struct parameter *p) {
	static const struct {
		const char *key, *range;
		bool outside;
	} found[] = {
		{"syscall", "0.3us..0.7us", false},     {"dispatch", "0.3us..0.6us", true},
		{"copy_tx", "3ns/B..4ns/B", true},      {"copy_rx", "3ns/B..4ns/B", false},
		{"file_read", "1us..2us", false},       {"csum_rx", "1ns/B..2ns/B", false},
		{"footprint_tcp", "2KiB..4KiB", false}, {"wakeup", "", false},
	};

	for (size_t i = 0; g_str_equal(p->group, "cost") && i < G_N_ELEMENTS(found); i++)
		if (g_str_equal(p->key, found[i].key)) {
			ck_assert_str_eq(p->range, found[i].range);
			ck_assert_msg(p->outside == found[i].outside, "%s", p->key);
			++*(unsigned *)arg;
		}
}

START_TEST(ranges) {
	struct scenario *sc =
		load("[server]\ntype = host\nmemory_latency = 100ns\nmemory_read = 1MB/s\n"
	             "[cost]\nsyscall = 0.7us | measured | lmbench | 0.3us..0.7us\n"
	             "dispatch = 0.7us | measured | lmbench | 0.3us..0.6us\n"
	             "copy_tx = 9us + 2ns/B | measured | x | 3ns/B..4ns/B\n"
	             "copy_rx = 9us + 4ns@1GHz/B | measured | x | 3ns/B..4ns/B\n"
	             "file_read = 1us@1GHz + 4 lines/B | measured | x | 1us..2us\n"
	             "csum_rx = 9 read/B | measured | x | 1ns/B..2ns/B\n"
	             "footprint_tcp = 2KiB | measured | x | 2KiB..4KiB\n",
	             NULL);
	unsigned found = 0;

	scenario_parameters(sc, find_range, &found);
	ck_assert_uint_eq(found, 8);
	scenario_free(sc);
}
END_TEST

static void find_role(void *arg, const struct parameter *p) {
	if (g_str_equal(p->group, "cost") && g_str_equal(p->key, "syscall")) {
		ck_assert_str_eq(p->value, "700ns");
		ck_assert_str_eq(p->role, "measured");
		ck_assert_str_eq(p->source, "lmbench");
		++*(unsigned *)arg;
	}
	if (g_str_equal(p->group, "cost") && g_str_equal(p->key, "fork")) {
		ck_assert_str_eq(p->role, "default");
		++*(unsigned *)arg;
	}
}

START_TEST(provenance) {
	struct scenario *sc =
		load(MACHINES LAN "[cost]\nsyscall = 0.7us | measured | lmbench\n", NULL);
	unsigned found = 0;

	scenario_parameters(sc, find_role, &found);
	ck_assert_uint_eq(found, 2);
	scenario_free(sc);
}
END_TEST

/* The hash is of the meaning, not of the spelling. */
START_TEST(hashes) {
	struct scenario *a = load(MACHINES LAN "[cost]\nsyscall = 1us\n", NULL);
	struct scenario *b = load(MACHINES LAN "[cost]\nsyscall = 1000ns | measured | x\n", NULL);
	struct scenario *c = load(MACHINES LAN "[cost]\nsyscall = 1001ns\n", NULL);
	g_autofree char *ha = scenario_hash(a), *hb = scenario_hash(b), *hc = scenario_hash(c);

	ck_assert_str_eq(ha, hb);
	ck_assert_str_ne(ha, hc);
	scenario_free(a);
	scenario_free(b);
	scenario_free(c);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("scenario");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, values_arrive);
	tcase_add_test(tc, bad_input_is_told);
	tcase_add_test(tc, types_that_are_written_otherwise);
	tcase_add_test(tc, messages_are_whole_characters);
	tcase_add_test(tc, machines_and_networks_are_checked);
	tcase_add_test(tc, includes);
	tcase_add_test(tc, overrides);
	tcase_add_test(tc, plans);
	tcase_add_test(tc, plans_of_seeds);
	tcase_add_test(tc, provenance);
	tcase_add_test(tc, ranges);
	tcase_add_test(tc, hashes);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
