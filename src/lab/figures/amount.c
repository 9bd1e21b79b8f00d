/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which unit, and with how many digits, is a number shown? */
#include "lab/figures/amount.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Times in seconds, from the shortest: each is used from one of it on. */
static const struct {
	const char *unit;
	double s;
} times[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};

/* Four digits that mean something, at most three of them behind the point. */
static int digits_of(double largest) {
	double shown = fabs(largest);

	if (!isfinite(shown) || shown < 1)
		return 3;
	return MAX(0, 3 - (int)floor(log10(shown)));
}

static struct amount amount_of_time(double s, double largest) {
	struct amount a = {"us", s / 1e-6, 3};

	for (size_t i = 0; i < G_N_ELEMENTS(times); i++)
		if (fabs(largest) * s >= times[i].s) {
			a.unit = times[i].unit;
			a.factor = s / times[i].s;
		}
	a.digits = digits_of(largest * a.factor);
	return a;
}

struct amount amount_of(const char *unit, double largest) {
	for (size_t i = 0; i < G_N_ELEMENTS(times); i++)
		if (g_str_equal(unit, times[i].unit))
			return amount_of_time(times[i].s, largest);
	if (g_str_equal(unit, "%"))
		return (struct amount){unit, 1, 1};
	if (g_str_equal(unit, "1") || g_str_equal(unit, "B") || g_str_equal(unit, "errno"))
		return (struct amount){unit, 1, 0};
	return (struct amount){unit, 1, digits_of(largest)};
}

struct amount amount_of_all(const char *unit, const double *values, size_t n) {
	struct amount a;
	double largest = 0;
	bool whole = true;

	for (size_t i = 0; i < n; i++) {
		if (!isfinite(values[i]))
			continue;
		largest = fmax(largest, fabs(values[i]));
		whole &= values[i] == floor(values[i]);
	}
	a = amount_of(unit, largest);
	/* Shares and means have no unit either. */
	if (g_str_equal(unit, "1") && !whole)
		a.digits = digits_of(largest);
	return a;
}

/* Commas between thousands. */
static char *grouped(char *number) {
	GString *text = g_string_new(number);
	const char *first = text->str + (*text->str == '-');
	gsize whole = strspn(first, "0123456789");

	g_free(number);
	for (gsize at = whole; at > 3;) {
		at -= 3;
		g_string_insert_c(text, first - text->str + (gssize)at, ',');
		first = text->str + (*text->str == '-');
	}
	return g_string_free(text, FALSE);
}

static char *number_text(double value, int digits) {
	char text[G_ASCII_DTOSTR_BUF_SIZE + 320];
	char format[] = "%.0f";

	format[2] = (char)('0' + digits);
	/* What is nothing when it is rounded has no sign. */
	if (fabs(value) < 0.5 * pow(10, -digits))
		value = 0;
	return grouped(g_strdup(g_ascii_formatd(text, sizeof text, format, value)));
}

char *amount_text(const struct amount *amount, double value) {
	return isfinite(value) ? number_text(value * amount->factor, amount->digits)
	                       : g_strdup("-");
}

char *amount_interval(const struct amount *amount, double value, double ci95) {
	g_autofree char *text = amount_text(amount, value), *half = NULL;

	if (!isfinite(value) || !isfinite(ci95))
		return g_steal_pointer(&text);
	half = number_text(ci95 * amount->factor, amount->digits);
	return g_strdup_printf("%s +- %s", text, half);
}

char *amount_head(const struct amount *amount, const char *head) {
	if (g_str_equal(amount->unit, "1"))
		return g_strdup(head);
	if (g_str_has_prefix(amount->unit, "1/"))
		return g_strconcat(head, amount->unit + 1, NULL);
	return g_strconcat(head, " ", amount->unit, NULL);
}
