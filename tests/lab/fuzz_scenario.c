/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An input is the text of a scenario; a first line that begins with ! is GROUP.KEY=VALUE, as --set
 * has it.  It is read, given its meaning and planned; nothing is run.
 */
#include <string.h>

#include "fuzz.h"
#include "lab/campaign/axes.h"
#include "lab/campaign/plan.h"

static GString *flatten(const struct text *text) {
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < text->groups->len; i++) {
		const struct text_group *group = text->groups->pdata[i];

		g_string_append_printf(out, "[%s]\n", group->name);
		for (guint j = 0; j < group->entries->len; j++) {
			const struct text_entry *entry = group->entries->pdata[j];

			if (strchr(entry->value, '\n'))
				g_string_append_printf(out, "%s = {\n%s\n}\n", entry->key,
				                       entry->value);
			else
				g_string_append_printf(out, "%s = %s\n", entry->key, entry->value);
		}
	}
	return out;
}

/* The arguments are scenarios; what they include goes into the seed. */
GPtrArray *fuzz_seeds(char **arguments) {
	GPtrArray *seeds = g_ptr_array_new();

	for (; *arguments; arguments++) {
		struct text *text = text_load(*arguments, NULL);

		must(text);
		g_ptr_array_add(seeds, flatten(text));
		text_free(text);
	}
	return seeds;
}

/* A refusal is told in one line. */
static void told(const GError *error) {
	must(error && error->domain == LAB_ERROR && error->code == LAB_ERROR_INPUT);
	must(*error->message && g_utf8_validate(error->message, -1, NULL));
}

static void plan(const struct text *text) {
	g_autoptr(GError) error = NULL;
	struct plan *p = plan_of(text, NULL, NULL, NULL, true, 1, &error);

	if (p)
		plan_free(p);
	else
		told(error);
}

/* What it says of a sweep, if anything: points, or a refusal. */
static void sweep(const struct text *text) {
	static const struct axes_wanted nothing;
	g_autoptr(GError) error = NULL;
	struct points *points = axes_points(text, &nothing, &error);

	if (!points) {
		told(error);
		must(!strchr(error->message, '\n'));
		return;
	}
	must(points->list->len > 0 && points->list->len <= POINTS_MAX);
	points_free(points);
}

/* A scenario that was taken means the same when it is taken again. */
static void means_the_same(const struct scenario *sc) {
	g_autofree char *hash = scenario_hash(sc), *again = NULL;
	struct scenario *copy = scenario_new(sc->text, NULL);

	must(copy);
	again = scenario_hash(copy);
	must(g_str_equal(hash, again));
	scenario_free(copy);
}

static void judge(struct text *text, const char *pair) {
	g_autoptr(GError) error = NULL;
	struct scenario *sc = NULL;

	if (!pair || text_override_pair(text, pair, "--set", &error))
		sc = scenario_new(text, &error);
	if (!sc) {
		told(error);
		return;
	}
	means_the_same(sc);
	plan(text);
	sweep(text);
	scenario_free(sc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	const uint8_t *line = size && *data == '!' ? memchr(data, '\n', size) : NULL;
	g_autofree char *pair =
		line ? g_strndup((const char *)data + 1, (gsize)(line - data - 1)) : NULL;
	size_t skip = line ? (size_t)(line + 1 - data) : 0;
	g_autoptr(GString) bytes =
		g_string_new_len((const char *)data + skip, (gssize)(size - skip));
	g_autoptr(GError) error = NULL;
	struct text *text = text_parse(bytes, "input.ini", &error);

	if (!text) {
		told(error);
		return 0;
	}
	judge(text, pair && g_utf8_validate(pair, -1, NULL) ? pair : NULL);
	text_free(text);
	return 0;
}
