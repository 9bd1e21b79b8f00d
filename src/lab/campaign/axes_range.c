/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges of values: "10ns..10us log 13", "1..16 step 1", "0%..5% lin 6", and open, "1us..3us". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/campaign/axes_parts.h"

#define ALLOWED "LOW..HIGH with `step D`, `lin N` or `log N`, such as 10ns..10us log 13"

static bool is_number(enum value_type type) { return type <= VALUE_SHARE || type == VALUE_COST; }

bool range_is(enum value_type type, const char *text) {
	return is_number(type) && strstr(text, "..");
}

/* --- reading ----------------------------------------------------------------------------------- */

static bool wrong(char **why, const char *text, const char *what) {
	*why = g_strdup_printf("'%s': %s; allowed: " ALLOWED, text, what);
	return false;
}

/* An end, or the step. */
static bool read_number(struct range *r, const char *text, double *value, char **why) {
	g_autofree char *number = g_strstrip(g_strdup(text));
	enum value_type type = r->type == VALUE_COST ? VALUE_TIME : r->type;
	const char *what;

	if (r->per_byte && !g_str_has_suffix(number, "/B")) {
		*why = g_strdup_printf("missing unit in '%s'; allowed: a time per byte at both "
		                       "ends of a range, or at none",
		                       number);
		return false;
	}
	if (r->per_byte)
		number[strlen(number) - 2] = '\0';
	if (quantity_number(type, number, value, &what))
		return true;
	*why = g_strdup_printf("%s in '%s'; allowed: %s", what, number, quantity_example(type));
	return false;
}

/* "log 13" behind the ends. */
static bool read_how(struct range *r, const char *text, char **words, char **why) {
	guint64 n;

	if (!words[0])
		return true;
	r->logarithmic = g_str_equal(words[0], "log");
	if (!r->logarithmic && !g_str_equal(words[0], "lin") && !g_str_equal(words[0], "step"))
		return wrong(why, text, "what stands behind the ends is none of step, lin, log");
	if (g_str_equal(words[0], "step")) {
		if (!words[1] || words[2])
			return wrong(why, text, "a step of how much?");
		return read_number(r, words[1], &r->step, why) &&
		       (r->step > 0 || wrong(why, text, "a step that leads nowhere"));
	}
	if (!words[1]) /* open; its logarithm is drawn */
		return true;
	if (words[2] || !g_ascii_string_to_unsigned(words[1], 10, 2, POINTS_MAX, &n, NULL))
		return wrong(why, text, "how many values, 2 to 10000?");
	r->n = (unsigned)n;
	return true;
}

/* The words of a text, without the empty ones between two blanks. */
static char **words_of(const char *text) {
	g_auto(GStrv) parts = g_strsplit_set(text, " \t\n", -1);
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();

	for (unsigned i = 0; parts[i]; i++)
		if (*parts[i])
			g_strv_builder_add(words, parts[i]);
	return g_strv_builder_end(words);
}

bool range_read(struct range *r, enum value_type type, const char *text, char **why) {
	const char *dots = strstr(text, "..");
	g_autofree char *low = g_strndup(text, (gsize)(dots - text));
	g_auto(GStrv) words = words_of(dots + 2);
	const char *high = words[0] ? words[0] : "";

	*r = (struct range){.type = type};
	r->per_byte = type == VALUE_COST && g_str_has_suffix(high, "/B");
	if (!read_number(r, low, &r->low, why) || !read_number(r, high, &r->high, why))
		return false;
	if (r->low >= r->high)
		return wrong(why, text, "it does not go up");
	if (!read_how(r, text, words[0] ? words + 1 : words, why))
		return false;
	if (r->logarithmic && r->low <= 0)
		return wrong(why, text, "a logarithmic range from 0 or below");
	if (r->step > 0 && (r->high - r->low) / r->step >= POINTS_MAX)
		return wrong(why, text, "more than 10000 values");
	return true;
}

/* --- values ------------------------------------------------------------------------------------ */

/* What has no fractions in a scenario: picoseconds, bytes, bits per second, hertz. */
static bool is_whole(enum value_type type) {
	return type != VALUE_FACTOR && type != VALUE_SHARE && type != VALUE_PER_SECOND;
}

/* Six digits are enough, and the same on any machine. */
static double shorten(double value) {
	char digits[G_ASCII_DTOSTR_BUF_SIZE];

	return g_ascii_strtod(g_ascii_formatd(digits, sizeof digits, "%.6g", value), NULL);
}

static char *write_value(const struct range *r, double value) {
	enum value_type type = r->type == VALUE_COST ? VALUE_TIME : r->type;
	g_autofree char *text = quantity_shown(type, is_whole(type) ? round(value) : value);

	return g_strconcat(text, r->per_byte ? "/B" : "", NULL);
}

unsigned range_count(const struct range *r) {
	/* The last step may miss the end by what binary fractions lack. */
	return r->n ? r->n : (unsigned)((r->high - r->low) / r->step * (1 + 1e-12) + 1e-9) + 1;
}

static double at(const struct range *r, double share) {
	return r->logarithmic ? r->low * pow(r->high / r->low, share)
	                      : r->low + (r->high - r->low) * share;
}

char *range_nth(const struct range *r, unsigned i) {
	if (r->step > 0)
		return write_value(r, r->low + i * r->step);
	if (i == 0 || i == r->n - 1)
		return write_value(r, i == 0 ? r->low : r->high);
	return write_value(r, shorten(at(r, (double)i / (r->n - 1))));
}

char *range_draw(const struct range *r, double share) {
	/* Rounding must not lead out of it. */
	return write_value(r, fmin(fmax(shorten(at(r, share)), r->low), r->high));
}
