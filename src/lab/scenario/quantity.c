/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which number does "10us" stand for, and how is a number written so that it reads back the same?
 */
#include "lab/scenario/quantity.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

struct unit {
	const char *suffix;
	double scale; /* in base units */
};

/* Largest first: the order in which quantity_format() tries them; what stands behind the unit of 1 is for reading
 * only. */
static const struct unit time_units[] = {
	{"s", 1e12}, {"ms", 1e9}, {"us", 1e6}, {"ns", 1e3}, {"ps", 1}, {NULL, 0},
};
static const struct unit byte_units[] = {
	{"GiB", 1073741824.0}, {"MiB", 1048576.0}, {"KiB", 1024}, {"B", 1},
	{"GB", 1e9},           {"MB", 1e6},        {"kB", 1e3},   {NULL, 0},
};
static const struct unit rate_units[] = {
	{"Gbit/s", 1e9}, {"Mbit/s", 1e6}, {"kbit/s", 1e3}, {"bit/s", 1}, {"MB/s", 8e6}, {NULL, 0},
};
static const struct unit frequency_units[] = {
	{"GHz", 1e9}, {"MHz", 1e6}, {"kHz", 1e3}, {"Hz", 1}, {NULL, 0},
};
static const struct unit per_second_units[] = {{"/s", 1}, {NULL, 0}};
static const struct unit share_units[] = {{"%", 0.01}, {"", 1}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static const struct {
	const struct unit *units;
	const char *base, *example;
} types[] = {
	[VALUE_TIME] = {time_units, "s", "a time with a unit of ps, ns, us, ms or s, such as 10us"},
	[VALUE_BYTES] = {byte_units, "B",
                         "a size with a unit of B, KiB, MiB or GiB, such as 64KiB"},
	[VALUE_RATE] = {rate_units, "bit/s",
                        "a rate with a unit of bit/s, kbit/s, Mbit/s or Gbit/s, such as 1Gbit/s"},
	[VALUE_FREQUENCY] = {frequency_units, "Hz",
                             "a frequency with a unit of Hz, kHz, MHz or GHz, such as 66MHz"},
	[VALUE_PER_SECOND] = {per_second_units, "/s", "a rate with the unit /s, such as 700/s"},
	[VALUE_COUNT] = {no_units, "", "a whole number without unit, such as 10"},
	[VALUE_FACTOR] = {no_units, "", "a number without unit, such as 1.5"},
	[VALUE_SHARE] = {share_units, "", "a share such as 1% or 0.01"},
	[VALUE_BOOL] = {no_units, "", "yes or no"},
	[VALUE_ADDRESS] = {no_units, "", "an address such as 10.0.0.1, or any"},
	[VALUE_NETWORK] = {no_units, "", "an address with its prefix, such as 10.0.0.1/24"},
	[VALUE_COST] =
		{time_units, "",
                 "a time up to 1s, a time per byte up to 1ms/B or both, such as 2us + 4.5ns/B"},
	[VALUE_WORK] =
		{time_units, "",
                 "a sum of times up to 1s, times per byte up to 1ms/B and the like, such as 2us + "
                 "4.5ns/B or 0.5us@1GHz + 2 lines + 0.018 lines/B"},
	[VALUE_TEXT] = {no_units, "", "text"},
	[VALUE_CHOICE] = {no_units, "", "one of a list"},
	[VALUE_NAMES] = {no_units, "", "names separated by commas"},
	[VALUE_NUMBERS] = {no_units, "",
                           "ascending whole numbers separated by commas, such as 3, 7"},
};

const char *quantity_example(enum value_type type) { return types[type].example; }

bool quantity_number(enum value_type type, const char *text, double *value, const char **why) {
	const struct unit *unit = types[type].units;
	char *end;
	double number;

	number = g_ascii_strtod(text, &end);
	if (end == text || !isfinite(number)) {
		*why = "not a number";
		return false;
	}
	while (g_ascii_isspace(*end))
		end++;
	for (; unit->suffix; unit++)
		if (g_str_equal(unit->suffix, end))
			break;
	if (!unit->suffix) {
		*why = *end ? "unknown unit" : "missing unit";
		return false;
	}
	*value = number * unit->scale;
	return true;
}

char *quantity_format(enum value_type type, double value) {
	const struct unit *unit = types[type].units;
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (type == VALUE_SHARE || types[type].units == no_units) {
		g_ascii_formatd(number, sizeof number, "%.12g", value);
		return g_strdup(number);
	}
	if (value == 0)
		return g_strconcat("0", types[type].base, NULL);
	/* The units that divide by 1,000 after those that divide by 1,024 are for reading only. */
	while (unit->scale > 1 && (fabs(value) < unit->scale ||
	                           (type == VALUE_BYTES && fmod(value, unit->scale) != 0)))
		unit++;
	g_ascii_formatd(number, sizeof number, "%.12g", value / unit->scale);
	return g_strconcat(number, unit->suffix, NULL);
}

char *quantity_shown(enum value_type type, double value) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	const char *why;
	double read;

	if (type == VALUE_SHARE) {
		g_autofree char *text = g_strconcat(
			g_ascii_formatd(number, sizeof number, "%.12g", 100 * value), "%", NULL);

		if (quantity_number(type, text, &read, &why) && read == value)
			return g_steal_pointer(&text);
	}
	return quantity_format(type, value);
}

/* A time, or a time per byte; the sum of both is no number. */
static double cost_si(const char *text, const char **unit) {
	bool per_byte = g_str_has_suffix(text, "/B");
	g_autofree char *time = g_strndup(text, strlen(text) - (per_byte ? 2 : 0));
	double value = quantity_si(VALUE_TIME, time, unit);

	if (*unit)
		*unit = per_byte ? "s/B" : "s";
	return value;
}

double quantity_si(enum value_type type, const char *text, const char **unit) {
	static const char *const units[] = {
		[VALUE_TIME] = "s",       [VALUE_BYTES] = "B",        [VALUE_RATE] = "bit/s",
		[VALUE_FREQUENCY] = "Hz", [VALUE_PER_SECOND] = "1/s", [VALUE_COUNT] = "1",
		[VALUE_FACTOR] = "1",     [VALUE_SHARE] = "1",
	};
	const char *why;
	double value;

	*unit = NULL;
	if (type == VALUE_COST)
		return cost_si(text, unit);
	if (type > VALUE_SHARE || !quantity_number(type, text, &value, &why))
		return NAN;
	*unit = units[type];
	return type == VALUE_TIME ? value / 1e12 : value;
}

bool quantity_address(const char *text, uint32_t *addr) {
	struct in_addr in;

	if (g_str_equal(text, "any"))
		*addr = 0;
	else if (inet_pton(AF_INET, text, &in) == 1)
		*addr = ntohl(in.s_addr);
	else
		return false;
	return true;
}

char *quantity_format_address(uint32_t addr) {
	if (addr == 0)
		return g_strdup("any");
	return g_strdup_printf("%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
	                       addr & 255);
}

bool quantity_network(const char *text, struct net_address *address) {
	const char *slash = strchr(text, '/');
	g_autofree char *host = NULL;
	guint64 prefix;

	if (g_str_equal(text, "none")) {
		*address = (struct net_address){0};
		return true;
	}
	if (!slash || !g_ascii_string_to_unsigned(slash + 1, 10, 1, 32, &prefix, NULL))
		return false;
	host = g_strndup(text, (gsize)(slash - text));
	address->prefix = (uint8_t)prefix;
	return quantity_address(host, &address->addr) && address->addr != 0;
}
