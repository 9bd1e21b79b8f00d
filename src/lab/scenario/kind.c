/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind is called so, and what does it measure? */
#include "lab/scenario/kind.h"

#include <string.h>

/* Whether `word` is one of the words of `list`. */
static bool has_word(const char *list, const char *word) {
	size_t length = strlen(word);

	for (const char *at = list; at && (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

bool kind_is(const struct kind *kind, const char *word) {
	return g_str_equal(kind->name, word) || has_word(kind->is, word);
}

const struct kind *kind_find(const struct kind *const *kinds, const char *name) {
	while (*kinds && !g_str_equal((*kinds)->name, name))
		kinds++;
	return *kinds;
}

const struct key *kind_key(const struct kind *kind, const char *name) {
	for (size_t i = 0; i < kind->n_keys; i++)
		if (g_str_equal(kind->keys[i].name, name))
			return &kind->keys[i];
	return NULL;
}

/* Whether a name is of a pattern with at most one *. */
static bool matches(const char *pattern, const char *name) {
	const char *star = strchr(pattern, '*');

	if (!star)
		return g_str_equal(pattern, name);
	return strlen(name) >= strlen(pattern) - 1 &&
	       strncmp(pattern, name, (size_t)(star - pattern)) == 0 &&
	       g_str_has_suffix(name, star + 1);
}

const struct measured *kind_measured(const struct kind *kind, const char *name) {
	for (size_t i = 0; i < kind->n_measures; i++)
		if (matches(kind->measures[i].name, name))
			return &kind->measures[i];
	return NULL;
}

char *measured_adds(const struct measured *measure) {
	static const char *const words[] = {[ADDS_NOT] = "none",
	                                    [ADDS_SUM] = "sum",
	                                    [ADDS_MEAN] = "mean",
	                                    [ADDS_MAX] = "largest",
	                                    [ADDS_MERGED] = "of all that they saw"};

	return g_strconcat(words[measure->adds], measure->weight ? ", weighted by " : NULL,
	                   measure->weight, NULL);
}

const char *kind_nearest(const struct kind *const *kinds, const char *word) {
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (; *kinds; kinds++)
		g_ptr_array_add(names, (gpointer)(uintptr_t)(*kinds)->name);
	return nearest_word(word, (const char *const *)names->pdata, names->len);
}
