/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does this word fit this key, and what goes into the struct? */
#include "lab/scenario/key.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "lab/scenario/terms.h"

static void *field(const struct key *key, const void *conf) {
	return (char *)(uintptr_t)conf + key->offset;
}

static bool has_range(const struct key *key) { return key->min != 0 || key->max != 0; }

char *key_allowed(const struct key *key) {
	g_autofree char *low = NULL, *high = NULL, *words = NULL;

	if (key->type == VALUE_CHOICE) {
		words = g_strjoinv(", ", (char **)(uintptr_t)key->choices);
		return g_strdup_printf("one of %s", words);
	}
	if (!has_range(key))
		return g_strdup(quantity_example(key->type));
	low = quantity_format(key->type, key->min);
	high = quantity_format(key->type, key->max);
	return g_strdup_printf("%s, from %s to %s", quantity_example(key->type), low, high);
}

/* --- setting ------------------------------------------------------------------------------- */

/* The low bytes of a little-endian integer are the field, whatever its width. */
static bool store_integer(const struct key *key, void *conf, double value, const char **what) {
	int64_t whole;

	if (fabs(value) >= 0x1p63) {
		*what = "too large";
		return false;
	}
	whole = llround(value);
	if (fabs(value - (double)whole) > 1e-6 * fabs(value)) {
		*what = "not a whole number";
		return false;
	}
	if (key->size < sizeof whole && whole >> (8 * key->size)) {
		*what = "too large";
		return false;
	}
	memcpy(field(key, conf), &whole, key->size);
	return true;
}

static bool set_number(const struct key *key, void *conf, const char *text, const char **what) {
	double value;

	if (!quantity_number(key->type, text, &value, what))
		return false;
	if (value < 0 && !(has_range(key) && key->min < 0)) {
		*what = "negative";
		return false;
	}
	if (has_range(key) && (value < key->min || value > key->max)) {
		*what = "out of range";
		return false;
	}
	if (key->type == VALUE_FACTOR || key->type == VALUE_SHARE ||
	    key->type == VALUE_PER_SECOND) {
		memcpy(field(key, conf), &value, sizeof value);
		return true;
	}
	return store_integer(key, conf, value, what);
}

static bool set_bool(const struct key *key, void *conf, const char *text, const char **what) {
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_equal(text, words[i])) {
			*(bool *)field(key, conf) = i % 2;
			return true;
		}
	*what = "neither yes nor no";
	return false;
}

static bool set_choice(const struct key *key, void *conf, const char *text, const char **what) {
	for (int i = 0; key->choices[i]; i++)
		if (g_str_equal(text, key->choices[i])) {
			*(int *)field(key, conf) = i;
			return true;
		}
	*what = "unknown word";
	return false;
}

/* "2us", "4.5ns/B" or "2us + 4.5ns/B". */
static bool set_cost(const struct key *key, void *conf, const char *text, const char **what) {
	struct terms terms;
	struct cost_value cost;
	bool good;

	if (!terms_read(&terms, text, what))
		return false;
	good = terms.n == 1 || (terms.n == 2 && terms.term[1].per_byte);
	for (unsigned i = 0; i < terms.n; i++)
		good = good && terms.term[i].kind == TERM_TIME && !terms.term[i].smp;
	if (!good) {
		*what = "not a time plus a time per byte";
		return false;
	}
	cost = terms_on(&terms, NULL);
	memcpy(field(key, conf), &cost, sizeof cost);
	return true;
}

static bool set_work(const struct key *key, void *conf, const char *text, const char **what) {
	struct terms terms;

	if (!terms_read(&terms, text, what))
		return false;
	memcpy(field(key, conf), &terms, sizeof terms);
	return true;
}

static char **split_names(const char *text) {
	char **names = g_strsplit(text, ",", -1);

	for (unsigned i = 0; names[i]; i++)
		g_strstrip(names[i]);
	return names;
}

static bool set_numbers(const struct key *key, void *conf, const char *text, const char **what) {
	g_auto(GStrv) words = split_names(text);
	uint32_t *numbers = g_new0(uint32_t, g_strv_length(words) + 1);

	for (unsigned i = 0; words[i]; i++) {
		guint64 n;

		if (!g_ascii_string_to_unsigned(words[i], 10, 1, UINT32_MAX, &n, NULL) ||
		    (i > 0 && n <= numbers[i - 1])) {
			*what = "not ascending whole numbers";
			g_free(numbers);
			return false;
		}
		numbers[i] = (uint32_t)n;
	}
	key_clear(key, conf);
	*(uint32_t **)field(key, conf) = numbers;
	return true;
}

static bool set_names(const struct key *key, void *conf, const char *text, const char **what) {
	char **names = split_names(text);

	for (unsigned i = 0; names[i]; i++)
		if (!*names[i]) {
			*what = "an empty name";
			g_strfreev(names);
			return false;
		}
	key_clear(key, conf);
	*(char ***)field(key, conf) = names;
	return true;
}

static bool set_field(const struct key *key, void *conf, const char *text, const char **what) {
	switch (key->type) {
	case VALUE_BOOL:
		return set_bool(key, conf, text, what);
	case VALUE_CHOICE:
		return set_choice(key, conf, text, what);
	case VALUE_COST:
		return set_cost(key, conf, text, what);
	case VALUE_WORK:
		return set_work(key, conf, text, what);
	case VALUE_NUMBERS:
		return set_numbers(key, conf, text, what);
	case VALUE_ADDRESS:
		*what = "not an address";
		return quantity_address(text, field(key, conf));
	case VALUE_NETWORK:
		*what = "not an address with a prefix";
		return quantity_network(text, field(key, conf));
	case VALUE_TEXT:
		key_clear(key, conf);
		*(char **)field(key, conf) = g_strdup(text);
		return true;
	case VALUE_NAMES:
		return set_names(key, conf, text, what);
	default:
		return set_number(key, conf, text, what);
	}
}

bool key_set(const struct key *key, void *conf, const char *text, char **why) {
	const char *what = "wrong";
	g_autofree char *allowed = NULL;

	if (set_field(key, conf, text, &what))
		return true;
	allowed = key_allowed(key);
	*why = g_strdup_printf("%s in '%s'; allowed: %s", what, text, allowed);
	return false;
}

void key_clear(const struct key *key, void *conf) {
	if (key->type == VALUE_TEXT)
		g_clear_pointer((char **)field(key, conf), g_free);
	else if (key->type == VALUE_NAMES)
		g_clear_pointer((char ***)field(key, conf), g_strfreev);
	else if (key->type == VALUE_NUMBERS)
		g_clear_pointer((uint32_t **)field(key, conf), g_free);
}

/* --- getting ------------------------------------------------------------------------------- */

static char *get_cost(const struct cost_value *cost) {
	g_autofree char *each = quantity_format(VALUE_TIME, (double)cost->each);
	g_autofree char *per_byte = quantity_format(VALUE_TIME, (double)cost->per_byte);

	if (cost->per_byte == 0)
		return g_steal_pointer(&each);
	if (cost->each == 0)
		return g_strconcat(per_byte, "/B", NULL);
	return g_strdup_printf("%s + %s/B", each, per_byte);
}

static char *get_network(const struct net_address *address) {
	g_autofree char *host = NULL;

	if (address->prefix == 0)
		return g_strdup("none");
	host = quantity_format_address(address->addr);
	return g_strdup_printf("%s/%u", host, address->prefix);
}

static char *get_numbers(const uint32_t *numbers) {
	GString *text = g_string_new(NULL);

	for (; numbers && *numbers; numbers++)
		g_string_append_printf(text, "%s%u", text->len ? ", " : "", *numbers);
	return g_string_free(text, FALSE);
}

double key_number(const struct key *key, const void *conf) {
	int64_t whole = 0;
	double value;

	if (key->type == VALUE_FACTOR || key->type == VALUE_SHARE ||
	    key->type == VALUE_PER_SECOND) {
		memcpy(&value, field(key, conf), sizeof value);
		return value;
	}
	memcpy(&whole, field(key, conf), key->size);
	return (double)whole;
}

char *key_get(const struct key *key, const void *conf) {
	const void *at = field(key, conf);

	switch (key->type) {
	case VALUE_BOOL:
		return g_strdup(*(const bool *)at ? "yes" : "no");
	case VALUE_CHOICE:
		return g_strdup(key->choices[*(const int *)at]);
	case VALUE_COST:
		return get_cost(at);
	case VALUE_WORK:
		return terms_write(at);
	case VALUE_NUMBERS:
		return get_numbers(*(uint32_t *const *)at);
	case VALUE_ADDRESS:
		return quantity_format_address(*(const uint32_t *)at);
	case VALUE_NETWORK:
		return get_network(at);
	case VALUE_TEXT:
		return g_strdup(*(char *const *)at ? *(char *const *)at : "");
	case VALUE_NAMES:
		return *(char **const *)at ? g_strjoinv(", ", *(char **const *)at) : g_strdup("");
	default:
		return quantity_format(key->type, key_number(key, conf));
	}
}

/* --- parameters of a stack ------------------------------------------------------------------ */

enum value_type key_net_type(const char *unit) {
	if (g_str_equal(unit, "time"))
		return VALUE_TIME;
	if (g_str_equal(unit, "bytes"))
		return VALUE_BYTES;
	return g_str_equal(unit, "bool") ? VALUE_BOOL : VALUE_COUNT;
}

/* Unit of a parameter, NULL if there is none of that name. */
static const char *net_unit(const char *name) {
	struct net_params params;
	const char *each, *unit;
	int64_t value;

	net_params_preset(&params, "linux-2.4");
	for (size_t i = 0; net_params_get(&params, i, &each, &unit, &value); i++)
		if (g_str_equal(each, name))
			return unit;
	return NULL;
}

bool key_net_find(const char *name, enum value_type *type) {
	const char *unit = net_unit(name);

	if (unit && type)
		*type = key_net_type(unit);
	return unit;
}

bool key_set_net(struct net_params *params, const char *name, const char *text, char **why) {
	struct key key = {
		.name = name, .type = key_net_type(net_unit(name)), .size = sizeof(int64_t)};
	int64_t value = 0;

	if (!key_set(&key, &value, text, why))
		return false;
	if (net_params_set(params, name, value) == -ERANGE) {
		*why = g_strdup_printf(
			"out of range in '%s'; allowed: %s within the stack's limits", text,
			quantity_example(key.type));
		return false;
	}
	return true;
}

/* --- near misses --------------------------------------------------------------------------- */

/* Levenshtein's distance. */
static size_t edit_distance(const char *a, const char *b) {
	size_t n = strlen(b);
	g_autofree size_t *row = g_new(size_t, n + 1);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[n];
}

const char *nearest_word(const char *word, const char *const *candidates, size_t n) {
	const char *best = NULL;
	size_t best_distance = strlen(word) / 3 + 2; /* further is no help */

	for (size_t i = 0; i < n; i++) {
		size_t distance = edit_distance(word, candidates[i]);

		/* The word itself is refused for another reason. */
		if (distance && distance < best_distance) {
			best_distance = distance;
			best = candidates[i];
		}
	}
	return best;
}
