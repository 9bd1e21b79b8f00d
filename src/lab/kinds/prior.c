/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [prior NAME]: something that nobody knows of a system, and what it may be (sopsim infer). */
#include "lab/kinds/kinds.h"

struct conf {
	char *label, *set;
	int law;
	double low, high, step;
	char **words, **kinds;
	bool whole;
};

static const char *const laws[] = {"linear", "log", "words", NULL};

static const struct key keys[] = {
	K("label", TEXT, label, "what it is, for people"),
	K("set", TEXT, set,
          "what it sets: GROUP.KEY=VALUE, several separated by ;, in which {} stands for what is "
          "drawn and {2.5} for 2.5 times that; of one word only: WORD: GROUP.KEY=VALUE"),
	C("law", law, laws,
          "drawn evenly from low to high, evenly in its logarithm, or one of words"),
	K("low", FACTOR, low, "least that it may be"),
	K("high", FACTOR, high, "most"),
	K("words", NAMES, words, "what it may be, if it is no number: all alike"),
	K("whole", BOOL, whole, "a whole number"),
	R("step", FACTOR, step, 0, 1e12,
          "all that depends on it may jump at multiples of that; 0: at none"),
	K("kinds", NAMES, kinds,
          "names for parts of the range, each with its upper end: slow 6, fast 25"),
};

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;

	(void)sc;
	if (!c->set)
		return group_wrong(group, "set", error, "missing; allowed: GROUP.KEY={}");
	if (g_str_equal(laws[c->law], "words"))
		return (c->words && c->words[0] && c->words[1]) ||
		       group_wrong(group, "words", error, "missing; allowed: two words or more");
	if (g_str_equal(laws[c->law], "log") && !(c->low > 0))
		return group_wrong(group, "low", error,
		                   "has no logarithm; allowed: more than 0, or law = linear");
	return c->low < c->high ||
	       group_wrong(group, "high", error, "not above low; allowed: low below high");
}

const struct kind kind_prior = {
	.name = "prior",
	.help = "an unknown, and what it may be",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.check = check,
};
