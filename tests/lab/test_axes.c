/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep varies: lists, ranges, joined keys, configs, drawn values, exceptions; and what is refused. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "lab/base/error.h"
#include "lab/campaign/axes.h"
#include "lab/kinds/kinds.h"
#include "run_suite.h"

#define SENDS                                                                                      \
	"[scenario]\n"                                                                             \
	"[server]\ntype = host\n[pci0]\ntype = pci\n"                                              \
	"[toe0]\ntype = toe\naddress = 10.0.0.1/24\n"                                              \
	"[c]\ntype = peer\naddress = 10.0.0.2/24\n[lan]\ntype = network\nmembers = toe0, c\n"      \
	"[bench]\ntype = sendbench\npeer = c\nfamily = toe\n[cost]\n"                              \
	"[config near]\npci0.latency = 10ns\n[config far]\npci0.latency = 10us\n"                  \
	"[experiment both]\nconfigs = near, far\n"

#define WORDS(...) ((char *[]){__VA_ARGS__, NULL})

static struct text *text_of(const char *more) {
	g_autoptr(GString) bytes = g_string_new(SENDS);
	g_autoptr(GError) error = NULL;
	struct text *text;

	g_string_append(bytes, more);
	text = text_parse(bytes, "a.ini", &error);
	ck_assert_msg(text, "%s", error ? error->message : "");
	return text;
}

static struct points *points_of(const struct axes_wanted *wanted, GError **error) {
	struct text *text = text_of("");
	struct points *points = axes_points(text, wanted, error);

	text_free(text);
	return points;
}

static struct points *good(const struct axes_wanted *wanted) {
	g_autoptr(GError) error = NULL;
	struct points *points = points_of(wanted, &error);

	ck_assert_msg(points, "%s", error ? error->message : "");
	return points;
}

static struct points *varied(const char *vary) {
	return good(&(struct axes_wanted){.vary = WORDS((char *)(uintptr_t)vary)});
}

/* What an axis has, with blanks between. */
static char *labels_of(const struct points *points, guint axis) {
	GString *all = g_string_new(NULL);

	for (guint i = 0; i < points->list->len; i++)
		g_string_append_printf(all, "%s%s", i ? " " : "",
		                       points_nth(points, i)->at[axis].label);
	return g_string_free(all, FALSE);
}

/* --- values of one key ------------------------------------------------------------------------- */

static const struct {
	const char *vary, *labels, *unit;
} lists[] = {
	{"pci0.latency=10ns, 1us", "10ns 1us", "s"},
	{"pci0.latency=10ns..10us log 4", "10ns 100ns 1us 10us", "s"},
	{"pci0.latency=10ns..1us log 5", "10ns 31.623ns 100ns 316.228ns 1us", "s"},
	{"pci0.latency=1us..2us lin 5", "1us 1.25us 1.5us 1.75us 2us", "s"},
	{"pci0.latency=10ns,100ns..300ns step 100ns", "10ns 100ns 200ns 300ns", "s"},
	{"pci0.latency=100ns..1us step 300ns", "100ns 400ns 700ns 1us", "s"},
	{"bench.message=1KiB..8KiB log 4", "1KiB 2KiB 4KiB 8KiB", "B"},
	{"bench.sends=1..4 step 1", "1 2 3 4", "1"},
	{"bench.sends=1..100 log 3", "1 10 100", "1"},
	{"lan.rate=100Mbit/s..10Gbit/s log 3", "100Mbit/s 1Gbit/s 10Gbit/s", "bit/s"},
	{"lan.loss=0%..5% lin 6", "0% 1% 2% 3% 4% 5%", "1"},
	{"cost.syscall=1us..3us lin 3", "1us 2us 3us", "s"},
	{"cost.copy_tx=1ns/B..3ns/B step 1ns/B", "1ns/B 2ns/B 3ns/B", "s/B"},
	{"cost.copy_tx=1us + 2ns/B,3us", "1us + 2ns/B 3us", NULL},
	{"cost.copy_tx=1us,3ns/B", "1us 3ns/B", NULL},
	{"server.speed=1..2 lin 3", "1 1.5 2", "1"},
	{"toe0.kind=interrupt,polling", "interrupt polling", NULL},
	{"toe0.tcp.rto_min=100ms..300ms step 100ms", "100ms 200ms 300ms", "s"},
	{"lan.members=toe0,c;c,toe0", "toe0,c c,toe0", NULL},
	{"lan.members=toe0,c;", "toe0,c", NULL},
	{"scenario.title=a..b", "a..b", NULL},
};

START_TEST(values) {
	struct points *points = varied(lists[_i].vary);
	g_autofree char *labels = labels_of(points, 0);

	ck_assert_uint_eq(points->axes->len, 1);
	ck_assert_str_eq(labels, lists[_i].labels);
	ck_assert_pstr_eq(points_axis(points, 0)->unit, lists[_i].unit);
	ck_assert_int_eq(points_axis(points, 0)->sort, AXIS_OWN);
	ck_assert_int_eq(!isnan(points_nth(points, 0)->at[0].number), !!lists[_i].unit);
	points_free(points);
}
END_TEST

/* Numbers are in SI units, whatever unit they were written in. */
START_TEST(numbers) {
	struct points *points = varied("pci0.latency=10ns,1us");

	ck_assert_double_eq_tol(points_nth(points, 0)->at[0].number, 1e-8, 1e-20);
	ck_assert_double_eq_tol(points_nth(points, 1)->at[0].number, 1e-6, 1e-18);
	ck_assert_str_eq(points->origin, "--vary");
	points_free(points);
	points = varied("cost.copy_tx=4.5ns/B");
	ck_assert_double_eq_tol(points_nth(points, 0)->at[0].number, 4.5e-9, 1e-20);
	points_free(points);
}
END_TEST

/* --- several at once --------------------------------------------------------------------------- */

/* Joined keys change together; what the points are called is an axis, which theirs follow. */
START_TEST(joined) {
	struct points *points =
		varied("pci0.width, pci0.clock = pci32=32,33MHz; 64, 66MHz; pcix = 64,133MHz");
	g_autofree char *names = labels_of(points, 0), *clocks = labels_of(points, 2);

	ck_assert_uint_eq(points->axes->len, 3);
	ck_assert_str_eq(points_axis(points, 0)->name, "pci0");
	ck_assert_str_eq(names, "pci32 64,66MHz pcix");
	ck_assert_int_eq(points_axis(points, 0)->sort, AXIS_OWN);
	ck_assert_str_eq(points_axis(points, 1)->name, "pci0.width");
	ck_assert_int_eq(points_axis(points, 1)->sort, AXIS_FOLLOWS);
	ck_assert_str_eq(clocks, "33MHz 66MHz 133MHz");
	ck_assert_str_eq(points_axis(points, 2)->unit, "Hz");
	ck_assert_double_eq(points_nth(points, 2)->at[2].number, 133e6);
	ck_assert_str_eq(points_nth(points, 0)->settings[0], "pci0.width=32");
	ck_assert_str_eq(points_nth(points, 0)->settings[1], "pci0.clock=33MHz");
	points_free(points);
	/* Of different groups they are called point. */
	points = varied("pci0.latency,lan.rate=1us,1Gbit/s");
	ck_assert_str_eq(points_axis(points, 0)->name, "point");
	points_free(points);
	/* One key's points may have names too. */
	points = varied("pci0.latency=near=10ns,far=10us");
	ck_assert_uint_eq(points->axes->len, 2);
	ck_assert_str_eq(points_nth(points, 1)->at[0].label, "far");
	ck_assert_str_eq(points_nth(points, 1)->at[1].label, "10us");
	ck_assert_str_eq(points_nth(points, 1)->settings[0], "pci0.latency=10us");
	points_free(points);
}
END_TEST

/* Configs and experiments come first, and set nothing themselves. */
START_TEST(configs) {
	struct points *points = good(&(struct axes_wanted){
		.vary = WORDS((char *)"bench.message=1B,2B"),
		.configs = WORDS((char *)"far", (char *)"near"),
		.experiments = WORDS((char *)"both"),
	});
	const struct point *third = points_nth(points, 2);

	ck_assert_uint_eq(points->list->len, 4);
	ck_assert_uint_eq(points->axes->len, 1);
	ck_assert_str_eq(third->config, "near");
	ck_assert_str_eq(third->experiment, "both");
	ck_assert_str_eq(third->settings[0], "bench.message=1B");
	ck_assert_ptr_null(third->settings[1]);
	points_free(points);
	points = varied("bench.message=1B");
	ck_assert_ptr_null(points_nth(points, 0)->config);
	points_free(points);
}
END_TEST

/* --- exceptions -------------------------------------------------------------------------------- */

static const struct {
	const char *except;
	guint left;
} exceptions[] = {
	{"toe0.kind=polling", 4},     {"toe0.kind=polling, pci0.latency=1us", 7},
	{"pci0.latency = 1000ns", 6}, /* as numbers */
	{"pci0.latency>1us", 4},      {"pci0.latency>=1us", 2},
	{"pci0.latency<1us", 6},      {"pci0.latency<=1us", 4},
	{"pci0.latency!=1us", 2},     {"toe0.kind!=polling,pci0.latency>100ns", 5},
	{"pci0.latency>1h", 8},
};

START_TEST(left_out) {
	g_autoptr(GError) error = NULL;
	struct points *points = points_of(
		&(struct axes_wanted){
			.vary = WORDS((char *)"toe0.kind=interrupt,polling",
	                              (char *)"pci0.latency=100ns,1us,2us,3us"),
			.except = WORDS((char *)(uintptr_t)exceptions[_i].except),
		},
		&error);

	if (strstr(exceptions[_i].except, "1h")) {
		ck_assert_ptr_null(points);
		ck_assert_str_eq(
			error->message,
			"--except: pci0.latency: '1h' is no number to compare with; "
			"allowed: a time with a unit of ps, ns, us, ms or s, such as 10us");
		return;
	}
	ck_assert_msg(points, "%s", error ? error->message : "");
	ck_assert_uint_eq(points->list->len, exceptions[_i].left);
	points_free(points);
}
END_TEST

/* Any of several; points by their names, and configs too. */
START_TEST(left_out_by_name) {
	struct points *points = good(&(struct axes_wanted){
		.vary = WORDS((char *)"pci0.width,pci0.clock=old=32,33MHz;new=64,66MHz",
	                      (char *)"toe0.kind=interrupt,polling"),
		.configs = WORDS((char *)"far", (char *)"near"),
		.except = WORDS((char *)"pci0.width=old,config=near",
	                        (char *)"config=far,toe0.kind=polling,pci0.clock=66MHz"),
	});

	ck_assert_uint_eq(points->list->len, 8 - 2 - 1);
	points_free(points);
}
END_TEST

/* --- drawn ------------------------------------------------------------------------------------- */

static struct points *drawn(uint64_t seed, const char *other) {
	return good(&(struct axes_wanted){
		.vary = WORDS((char *)"pci0.latency=10ns..10us log", (char *)(uintptr_t)other,
	                      (char *)"toe0.kind=interrupt,polling"),
		.sample = 20,
		.seed = seed,
	});
}

/* One value in each twentieth of a range, and each of them with all of what is not drawn. */
START_TEST(hypercube) {
	struct points *points = drawn(1, "cost.syscall=1us..3us");
	bool low[20] = {false}, high[20] = {false};

	ck_assert_uint_eq(points->list->len, 40);
	ck_assert_uint_eq(points->axes->len, 3);
	ck_assert_int_eq(points_axis(points, 0)->sort, AXIS_DRAWN);
	ck_assert_int_eq(points_axis(points, 2)->sort, AXIS_OWN);
	for (guint i = 0; i < 40; i += 2) {
		const struct coordinate *at = points_nth(points, i)->at;

		low[(int)(log10(at[0].number / 1e-8) / 3 * 20)] = true;
		high[(int)((at[1].number - 1e-6) / 2e-6 * 20)] = true;
		ck_assert_str_eq(at[0].label, points_nth(points, i + 1)->at[0].label);
	}
	for (int i = 0; i < 20; i++)
		ck_assert(low[i] && high[i]);
	points_free(points);
}
END_TEST

/* The same seed draws the same values, of a range whatever others there are. */
START_TEST(draws_again) {
	struct points *one = drawn(1, "cost.syscall=1us..3us"),
		      *same = drawn(1, "cost.syscall=1us..3us"),
		      *two = drawn(2, "cost.syscall=1us..3us"),
		      *other = drawn(1, "bench.message=1B..1KiB");
	g_autofree char *a = labels_of(one, 0), *b = labels_of(same, 0), *c = labels_of(two, 0),
			*d = labels_of(other, 0), *e = labels_of(one, 1), *f = labels_of(same, 1);

	ck_assert_str_eq(a, b);
	ck_assert_str_eq(e, f);
	ck_assert_str_ne(a, c);
	ck_assert_str_eq(a, d);
	points_free(one);
	points_free(same);
	points_free(two);
	points_free(other);
}
END_TEST

/* --- refused ----------------------------------------------------------------------------------- */

static const struct {
	const char *vary, *message; /* several axes with | between */
	const char *except;
	unsigned sample;
	const char *config, *experiment;
} bad[] = {
	{.vary = "pci0.latency",
         .message = "--vary: 'pci0.latency' varies nothing; allowed: GROUP.KEY=A,B,C, such as "},
	{.vary = "=1us", .message = "--vary: '=1us' varies nothing; allowed: "},
	{.vary = "pci0.latency=", .message = "--vary: 'pci0.latency=' varies nothing; allowed: "},
	{.vary = "pci0.latency= ", .message = "--vary: 'pci0.latency= ' varies nothing; allowed: "},
	{.vary = "pci0.latency=1us|pci0.latency=2us",
         .message = "--vary: 'pci0.latency' is varied twice; allowed: "},
	{.vary = "pci0.latency,pci0.latency=1us,2us",
         .message = "--vary: 'pci0.latency' is varied twice; allowed: "},
	{.vary = "pci0.latency=1us,2us,1us",
         .message = "--vary: pci0.latency has '1us' twice; allowed: each point once"},
	{.vary = "pci9.latency=1us",
         .message =
                 "--vary: pci9.latency: a.ini has no group 'pci9'; did you mean 'pci0'?; allowed: "},
	{.vary = "pci0.latencey=1us",
         .message =
                 "--vary: [pci0] latencey: unknown key of type pci; did you mean 'latency'?; allowed: "},
	{.vary = "pci0=1us", .message = "--vary: 'pci0' names no key; allowed: GROUP.KEY"},
	{.vary = "pci0.latency=1us..2us",
         .message = "--vary: pci0.latency: '1us..2us': how many values?; allowed: `step D`, "},
	{.vary = "pci0.latency=1us..2us lin",
         .message = "--vary: pci0.latency: '1us..2us lin': how many values?"},
	{.vary = "pci0.latency=1us..2us lin 1",
         .message =
                 "--vary: pci0.latency: '1us..2us lin 1': how many values, 2 to 10000?; allowed: LOW..HIGH"},
	{.vary = "pci0.latency=1us..2us lin 3 4",
         .message = "--vary: pci0.latency: '1us..2us lin 3 4': how many"},
	{.vary = "pci0.latency=1us..2us by 3",
         .message =
                 "--vary: pci0.latency: '1us..2us by 3': what stands behind the ends is none of step, lin, "},
	{.vary = "pci0.latency=1us..2us step",
         .message = "--vary: pci0.latency: '1us..2us step': a step of how much?"},
	{.vary = "pci0.latency=1us..2us step 0us",
         .message =
                 "--vary: pci0.latency: '1us..2us step 0us': a step that leads nowhere; allowed: "},
	{.vary = "pci0.latency=1us..2us step 1ps",
         .message = "--vary: pci0.latency: '1us..2us step 1ps': more than "},
	{.vary = "pci0.latency=2us..1us log 3",
         .message = "--vary: pci0.latency: '2us..1us log 3': it does not go up"},
	{.vary = "pci0.latency=0us..1us log 3",
         .message =
                 "--vary: pci0.latency: '0us..1us log 3': a logarithmic range from 0 or below; allowed: "},
	{.vary = "pci0.latency=1..2us log 3",
         .message = "--vary: pci0.latency: missing unit in '1'; allowed: a time"},
	{.vary = "pci0.latency=.. log 3",
         .message = "--vary: pci0.latency: not a number in ''; allowed: a time"},
	{.vary = "pci0.latency=1us..",
         .message = "--vary: pci0.latency: not a number in ''; allowed: a time"},
	{.vary = "cost.copy_tx=1ns..2ns/B lin 3",
         .message =
                 "--vary: cost.copy_tx: missing unit in '1ns'; allowed: a time per byte at both ends"},
	{.vary = "pci0.width,pci0.clock=32,33MHz;64",
         .message = "--vary: '64' has 1 values for 2 keys; allowed: as many, with commas "},
	{.vary = "pci0.width,pci0.latency=32,1us..2us lin 3",
         .message =
                 "--vary: '1us..2us lin 3': a range among keys that are joined; allowed: a value"},
	{.vary = "pci0.latency=a=1us..2us lin 3",
         .message = "--vary: 'a=1us..2us lin 3': a name for several points; allowed: for one"},
	{.vary = "pci0.latency=1us",
         .message = "--sample: there is no range to draw from; allowed: ",
         .sample = 5},
	{.vary = "pci0.latency=1us,2us..3us",
         .message = "--vary: pci0.latency: an open range among other values; allowed: it alone",
         .sample = 5},
	{.vary = "pci0.latency=1us..2us,2us..3us",
         .message = "--vary: pci0.latency: an open range among other values; allowed: it alone",
         .sample = 5},
	{.vary = "pci0.latency=1us..2us|pci0.latency=1us",
         .message = "--vary: 'pci0.latency' is varied twice",
         .sample = 5},
	{.vary = "pci0.latency=1us",
         .message = "--except: 'nonsense' is no condition; allowed: GROUP.KEY=VALUE, ",
         .except = "nonsense"},
	{.vary = "pci0.latency=1us",
         .message = "--except: '!x' is no condition; allowed: ",
         .except = "!x"},
	{.vary = "pci0.latency=1us",
         .message =
                 "--except: 'pci0.latncy' is not varied; did you mean 'pci0.latency'?; allowed: pci0.latency",
         .except = "pci0.latncy=1us"},
	{.vary = "pci0.latency=1us,2us",
         .message = "--except: pci0.latency never is '3us'; allowed: one of 1us, 2us",
         .except = "pci0.latency=3us"},
	{.vary = "toe0.kind=polling",
         .message = "--except: toe0.kind: 'polling' is no number to compare with; ",
         .except = "toe0.kind<polling"},
	{.vary = "pci0.latency=1us,2us",
         .message = "--except: it leaves nothing to run; allowed: one combination or more",
         .except = "pci0.latency>=1us"},
	{.vary = "pci0.latency=1us",
         .message = "--config: there is no [config fax]; did you mean 'far'?; allowed: near, far",
         .config = "fax"},
	{.vary = "pci0.latency=1us",
         .message = "--experiment: there is no [experiment none]; allowed: both",
         .experiment = "none"},
	{.vary = "pci0.latency=1us",
         .message = "--config: config has 'far' twice; allowed: each point once",
         .config = "far|far"},
	{.message = "a.ini: [scenario] sweep: missing; allowed: GROUP.KEY=A;B;C there, or --vary"},
};

static char **split(const char *words) { return words ? g_strsplit(words, "|", -1) : NULL; }

START_TEST(refused) {
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) vary = split(bad[_i].vary), except = split(bad[_i].except),
		      configs = split(bad[_i].config), experiments = split(bad[_i].experiment);
	struct points *points = points_of(&(struct axes_wanted){.vary = vary,
	                                                        .except = except,
	                                                        .configs = configs,
	                                                        .experiments = experiments,
	                                                        .sample = bad[_i].sample},
	                                  &error);

	ck_assert_ptr_null(points);
	ck_assert_msg(g_str_has_prefix(error->message, bad[_i].message), "%s", error->message);
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
	ck_assert_ptr_null(strchr(error->message, '\n'));
}
END_TEST

/* Exceptions may leave few of many; what is too many to look at is refused before. */
START_TEST(many) {
	g_autoptr(GError) error = NULL;
	struct axes_wanted wanted = {
		.vary = WORDS((char *)"bench.sends=1..200 step 1",
	                      (char *)"bench.message=1B..200B step 1B"),
	};
	struct points *points;

	ck_assert_ptr_null(points_of(&wanted, &error));
	ck_assert_str_eq(error->message,
	                 "--vary: the values make more than 10000 runs; allowed: as many");
	wanted.except = WORDS((char *)"bench.sends>10");
	points = good(&wanted);
	ck_assert_uint_eq(points->list->len, 2000);
	points_free(points);
	g_clear_error(&error);
	wanted.except = WORDS((char *)"bench.sends>190");
	ck_assert_ptr_null(points_of(&wanted, &error));
	ck_assert_str_eq(error->message,
	                 "--vary: the values make more than 10000 runs; allowed: as many");
	g_clear_error(&error);
	wanted.vary[0] = (char *)"bench.sends=1..9000 step 1";
	ck_assert_ptr_null(points_of(&wanted, &error));
	ck_assert_str_eq(error->message,
	                 "--vary: the values make more than 1000000 runs; allowed: as many");
}
END_TEST

/* --- in the scenario --------------------------------------------------------------------------- */

#define GROUP                                                                                      \
	"[sweep buses]\nconfig = near, far\nsample = 3\nvary = {\n  toe0.kind=interrupt,polling\n" \
	"# the distance\n\n  pci0.width,pci0.clock = 32,33MHz; 64,66MHz\n  cost.syscall=1us..2us\n" \
	"}\nexcept = toe0.kind=polling, config=far\n"

static struct points *in_scenario(const char *more, const struct axes_wanted *wanted,
                                  GError **error) {
	struct text *text = text_of(more);
	struct points *points = axes_points(text, wanted, error);

	text_free(text);
	return points;
}

/* A group's words hold where the command line says none. */
START_TEST(words_of_a_group) {
	g_autoptr(GError) error = NULL;
	struct axes_wanted wanted = {.name = (char *)"buses", .seed = 1};
	struct points *points = in_scenario(GROUP, &wanted, &error);

	ck_assert_msg(points, "%s", error ? error->message : "");
	ck_assert_uint_eq(points->list->len, 2 * 2 * 2 * 3 - 2 * 3);
	ck_assert_str_eq(points->origin, "a.ini: [sweep buses] vary");
	points_free(points);
	wanted.configs = WORDS((char *)"far");
	wanted.sample = 5;
	points = in_scenario(GROUP, &wanted, &error);
	ck_assert_msg(points, "%s", error ? error->message : "");
	ck_assert_uint_eq(points->list->len, 2 * 2 * 5 - 2 * 5);
	points_free(points);
}
END_TEST

/* What a group says besides, for who runs the points. */
START_TEST(besides) {
	struct axes_wanted wanted = {.name = (char *)"a"};
	struct points *points = in_scenario(
		"[sweep a]\nvary = pci0.latency=1us\nrepeat = 7\nmeasure = toe*.busy, bench.latency_us\n",
		&wanted, NULL);

	ck_assert_uint_eq(points->repeat, 7);
	ck_assert_str_eq(points->measures[0], "toe*.busy");
	ck_assert_str_eq(points->measures[1], "bench.latency_us");
	points_free(points);
	points = in_scenario("[sweep a]\nvary = pci0.latency=1us\n", &wanted, NULL);
	ck_assert(points->repeat == 0 && !points->measures);
	points_free(points);
}
END_TEST

/* Without a name it is [scenario] sweep, or else the only group there is. */
START_TEST(which_group) {
	static const struct {
		const char *more;
		guint points; /* 0: refused */
	} cases[] = {
		{"[sweep a]\nvary = pci0.latency=1us,2us,3us\n", 3},
		{"[sweep a]\nconfig = near\n", 1},
		{"[sweep a]\nvary = pci0.latency=1us\n[sweep b]\nvary = pci0.latency=1us,2us\n", 0},
	};
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct points *points =
			in_scenario(cases[i].more, &(struct axes_wanted){0}, &error);

		ck_assert_uint_eq(points ? points->list->len : 0, cases[i].points);
		g_clear_pointer(&points, points_free);
	}
	ck_assert_str_eq(error->message, "a.ini: several [sweep] groups, which one?; allowed: one "
	                                 "of a, b behind the file, or --vary");
}
END_TEST

static const struct {
	const char *more, *name, *message;
} bad_groups[] = {
	{"[sweep a]\nvary = pci0.latency=1us..2us\n", "a",
         "a.ini: [sweep a] vary: pci0.latency: '1us..2us': how many"},
	{"[sweep a]\nvary = pci0.latency=1us\nexcept = nonsense\n", "a",
         "a.ini: [sweep a] except: 'nonsense' is no condition; allowed: "},
	{"[sweep a]\nvary = pci0.latency=1us\nsample = 4\n", "a",
         "a.ini: [sweep a] sample: there is no range to draw from; allowed: "},
	{"[sweep a]\nvary = {\npci0.latency=1us\n}\nexcept = {\nx =\n}\n", "a",
         "a.ini: [sweep a] except: 'x' is not varied"},
	{"[sweep a]\nsample = 4\n", "a", "a.ini: [sweep a] vary: missing; allowed: "},
	{"[sweep a]\nvary = pci0.latency=1us\n", "b",
         "a.ini: there is no [sweep b]; did you mean 'a'?; allowed: a"},
	{"", "b", "a.ini: there is no [sweep b]; allowed: no name, as the scenario has no such"},
	{"[sweep a]\nconfig = nowhere\n", "a", "a.ini: [sweep a] config: there is no 'nowhere'"},
	{"[sweep a]\nvery = x.y=1\n", "a",
         "a.ini: [sweep a] very: unknown key of type sweep; did you mean 'vary'?; allowed: "},
};

/* Messages say where the words stand. */
START_TEST(refused_in_a_group) {
	g_autoptr(GError) error = NULL;
	struct axes_wanted wanted = {.name = (char *)(uintptr_t)bad_groups[_i].name};

	ck_assert_ptr_null(in_scenario(bad_groups[_i].more, &wanted, &error));
	ck_assert_msg(g_str_has_prefix(error->message, bad_groups[_i].message), "%s",
	              error->message);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("axes");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, values, 0, (int)G_N_ELEMENTS(lists));
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, joined);
	tcase_add_test(tc, configs);
	tcase_add_loop_test(tc, left_out, 0, (int)G_N_ELEMENTS(exceptions));
	tcase_add_test(tc, left_out_by_name);
	tcase_add_test(tc, hypercube);
	tcase_add_test(tc, draws_again);
	tcase_add_loop_test(tc, refused, 0, (int)G_N_ELEMENTS(bad));
	tcase_add_test(tc, many);
	tcase_add_test(tc, words_of_a_group);
	tcase_add_test(tc, besides);
	tcase_add_test(tc, which_group);
	tcase_add_loop_test(tc, refused_in_a_group, 0, (int)G_N_ELEMENTS(bad_groups));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
