/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities, keys and near misses. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lab/scenario/key.h"
#include "run_suite.h"
#include "sim/cost.h"

struct record {
	sim_time time;
	uint32_t bytes;
	uint16_t port;
	double factor, share;
	bool flag;
	int choice;
	uint32_t addr;
	struct net_address net;
	struct cost_value cost;
	char *text;
	char **names;
	uint32_t *numbers;
};

static const char *const words[] = {"fork", "prefork", NULL};

#define K(name, kind, field, low, high)                                                            \
	{name, VALUE_##kind, offsetof(struct record, field), sizeof(((struct record *)0)->field), low,    \
	 high, NULL, name, NULL, false}
static const struct key keys[] = {
	K("time", TIME, time, 0, 0),
	K("ranged", TIME, time, 10e3, 10e6),
	K("bytes", BYTES, bytes, 0, 0),
	K("port", COUNT, port, 1, 65535),
	K("factor", FACTOR, factor, 0, 0),
	K("share", SHARE, share, 0, 1),
	K("flag", BOOL, flag, 0, 0),
	{"choice", VALUE_CHOICE, offsetof(struct record, choice), sizeof(int), 0, 0, words,
         "choice", NULL, false},
	K("addr", ADDRESS, addr, 0, 0),
	K("net", NETWORK, net, 0, 0),
	K("cost", COST, cost, 0, 0),
	K("text", TEXT, text, 0, 0),
	K("names", NAMES, names, 0, 0),
	K("numbers", NUMBERS, numbers, 0, 0),
};

static struct record r;

static const struct key *key_called(const char *name) {
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		if (g_str_equal(keys[i].name, name))
			return &keys[i];
	ck_abort_msg("no key %s", name);
}

static void good(const char *name, const char *text) {
	g_autofree char *why = NULL;

	ck_assert_msg(key_set(key_called(name), &r, text, &why), "%s = %s: %s", name, text, why);
}

/* Refused, with `what` in the message, and with what is allowed. */
static void bad(const char *name, const char *text, const char *what) {
	g_autofree char *why = NULL;

	ck_assert_msg(!key_set(key_called(name), &r, text, &why), "%s = %s was taken", name, text);
	ck_assert_msg(strstr(why, what), "'%s' does not say '%s'", why, what);
	ck_assert_ptr_nonnull(strstr(why, "allowed: "));
}

static void clear(void) {
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		key_clear(&keys[i], &r);
	memset(&r, 0, sizeof r);
}

START_TEST(times) {
	static const struct {
		const char *text;
		sim_time value;
	} cases[] = {
		{"10us", 10 * SIM_US},    {"10 us", 10 * SIM_US},
		{"1.5ms", 1500 * SIM_US}, {"0s", 0},
		{"2s", 2 * SIM_S},        {"7ps", 7},
		{"4.5ns", 4500},          {"1e3ns", SIM_US},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		good("time", cases[i].text);
		ck_assert_int_eq(r.time, cases[i].value);
	}
	bad("time", "10", "missing unit");
	bad("time", "10uss", "unknown unit");
	bad("time", "10KiB", "unknown unit");
	bad("time", "-3us", "negative");
	bad("time", "soon", "not a number");
	bad("time", "", "not a number");
	bad("time", "inf", "not a number");
	bad("time", "0.5ps", "not a whole number");
}
END_TEST

START_TEST(ranges) {
	good("ranged", "10ns");
	good("ranged", "10us");
	bad("ranged", "9ns", "out of range");
	bad("ranged", "11us", "from 10ns to 10us");
	bad("port", "0", "out of range");
	bad("port", "65536", "out of range");
	bad("port", "1.5", "not a whole number");
	bad("bytes", "8GiB", "too large");
	bad("share", "101%", "out of range");
}
END_TEST

START_TEST(other_kinds) {
	good("bytes", "64KiB");
	ck_assert_uint_eq(r.bytes, 65536);
	good("share", "12.5%");
	ck_assert_double_eq(r.share, 0.125);
	good("share", "0.25");
	ck_assert_double_eq(r.share, 0.25);
	good("flag", "yes");
	ck_assert(r.flag);
	good("flag", "off");
	ck_assert(!r.flag);
	bad("flag", "maybe", "neither yes nor no");
	good("choice", "prefork");
	ck_assert_int_eq(r.choice, 1);
	bad("choice", "threads", "one of fork, prefork");
	good("addr", "10.0.0.1");
	ck_assert_uint_eq(r.addr, 0x0a000001);
	good("addr", "any");
	ck_assert_uint_eq(r.addr, 0);
	bad("addr", "10.0.0", "not an address");
	good("net", "10.0.1.2/24");
	ck_assert_uint_eq(r.net.addr, 0x0a000102);
	ck_assert_uint_eq(net_address_mask(&r.net), 0xffffff00);
	bad("net", "10.0.1.2", "prefix");
	bad("net", "10.0.1.2/33", "prefix");
	good("names", "eth0, toe0");
	ck_assert_str_eq(r.names[1], "toe0");
	good("numbers", "3, 7");
	ck_assert_uint_eq(r.numbers[1], 7);
	ck_assert_uint_eq(r.numbers[2], 0);
	bad("numbers", "7, 3", "ascending");
	clear();
}
END_TEST

START_TEST(costs) {
	good("cost", "2us + 4.5ns/B");
	ck_assert_int_eq(r.cost.each, 2 * SIM_US);
	ck_assert_int_eq(r.cost.per_byte, 4500);
	good("cost", "4.5ns/B");
	ck_assert_int_eq(r.cost.each, 0);
	good("cost", "0us");
	ck_assert_int_eq(r.cost.per_byte, 0);
	bad("cost", "2us + 3us", "not a time plus");
	bad("cost", "2", "missing unit");
	bad("cost", "2us + -1ns/B", "negative");
}
END_TEST

/* What key_get() writes, key_set() reads to the same value. */
START_TEST(round_trip) {
	static const char *const texts[][2] = {
		{"time", "1.43us"},
		{"bytes", "100KiB"},
		{"factor", "1.43"},
		{"flag", "yes"},
		{"choice", "fork"},
		{"net", "10.0.0.1/24"},
		{"cost", "500ns + 2.6ns/B"},
		{"names", "a, b"},
		{"numbers", "1, 5"},
		{"text", "some words"},
		{"addr", "any"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *text = NULL;

		good(texts[i][0], texts[i][1]);
		text = key_get(key_called(texts[i][0]), &r);
		ck_assert_str_eq(text, texts[i][1]);
	}
	clear();
}
END_TEST

START_TEST(near_misses) {
	static const char *const names[] = {"latency", "clock", "width"};

	ck_assert_str_eq(nearest_word("latencey", names, 3), "latency");
	ck_assert_str_eq(nearest_word("clok", names, 3), "clock");
	ck_assert_ptr_null(nearest_word("zzzzzzzzzzzz", names, 3));
}
END_TEST

START_TEST(stack_parameters) {
	struct net_params params;
	g_autofree char *why = NULL;

	net_params_preset(&params, "linux-2.4");
	ck_assert(key_net_find("rto_min", NULL));
	ck_assert(!key_net_find("rto_mim", NULL));
	ck_assert(key_set_net(&params, "rto_min", "300ms", &why));
	ck_assert_int_eq(params.rto_min, 300 * SIM_MS);
	ck_assert(key_set_net(&params, "sack", "no", &why));
	ck_assert(!params.sack);
	ck_assert(!key_set_net(&params, "mss", "20000B", &why));
	ck_assert_ptr_nonnull(strstr(why, "out of range"));
}
END_TEST

/* A share in per cent, unless it would be read as another number. */
START_TEST(shown) {
	static const struct {
		enum value_type type;
		double value;
		const char *text;
	} cases[] = {
		{VALUE_SHARE, 0.02, "2%"},
		{VALUE_SHARE, 0, "0%"},
		{VALUE_SHARE, 1.0 / 3, "0.333333333333"},
		{VALUE_TIME, 2e6, "2us"},
		{VALUE_FACTOR, 0.02, "0.02"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = quantity_shown(cases[i].type, cases[i].value);

		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("quantity");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, times);
	tcase_add_test(tc, ranges);
	tcase_add_test(tc, other_kinds);
	tcase_add_test(tc, costs);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, near_misses);
	tcase_add_test(tc, stack_parameters);
	tcase_add_test(tc, shown);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
