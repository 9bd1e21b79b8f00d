/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An input is two tables with a byte 1 between them: a figure of the baseline, and the same of now.
 */
#include <string.h>

#include "fuzz.h"
#include "lab/base/input.h"
#include "lab/figures/check.h"

/* The arguments are tables; each is compared with itself. */
GPtrArray *fuzz_seeds(char **arguments) {
	GPtrArray *seeds = g_ptr_array_new();

	for (; *arguments; arguments++) {
		g_autofree char *why = NULL;
		GString *table = input_read(*arguments, 1 << 20, &why), *twice;

		must(table);
		twice = g_string_new_len(table->str, (gssize)table->len);
		g_string_append_c(twice, '\1');
		g_string_append_len(twice, table->str, (gssize)table->len);
		g_ptr_array_add(seeds, twice);
		g_string_free(table, TRUE);
	}
	return seeds;
}

/* False: they could not be compared. */
static bool compare(struct check *c, const GString *old, const GString *now) {
	g_autoptr(GError) error = NULL;
	static const struct check_layout layout = {
		"fig5.csv", "offered_rps", "throughput_rps", "ci95_rps", 0, NULL};
	bool good = check_tables(c, &layout, "old", old, "now", now, &error);

	must(good == !error);
	must(good || (error->domain == LAB_ERROR && error->code == LAB_ERROR_INPUT));
	must(good || g_utf8_validate(error->message, -1, NULL));
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	const uint8_t *middle = size ? memchr(data, 1, size) : NULL;
	size_t first = middle ? (size_t)(middle - data) : size;
	g_autoptr(GString) old = g_string_new_len((const char *)data, (gssize)first);
	g_autoptr(GString) now =
		middle ? g_string_new_len((const char *)middle + 1, (gssize)(size - first - 1))
		       : g_string_new(NULL);
	static struct check_rules *one, *none;
	struct check there, self, exact;

	if (!one) {
		one = check_rules_new();
		none = check_rules_new();
		check_rules_set(none, 0);
	}
	there = (struct check){.rules = one};
	self = exact = (struct check){.rules = none};

	if (compare(&self, old, old))
		must(self.moved == 0);
	if (!compare(&there, old, now))
		return 0;
	/* Two tables that can be compared are good ones, and no tolerance finds no less. */
	must(compare(&exact, old, now) && exact.moved >= there.moved && exact.cells == there.cells);
	must(compare(&self, now, now) && self.moved == 0);
	return 0;
}
