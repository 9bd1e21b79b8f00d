/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lmbench on a host, and what it found on the real machine of that name. */
#include "apps/lmbench.h"

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"

struct conf {
	char *host, *system, *fitted;
	bool enabled;
	int build;
	GStrv ones, tens, hundreds, otherwise;
	double real[LMBENCH_COUNT];
};

/* What the source says of the real machine's kernel. */
static const char *const build_words[] = {"up", "smp", "unknown", NULL};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host that it measures"),
	K("enabled", BOOL, enabled, "no: it is left out"),
	K("system", TEXT, system, "the real machine's kernel, such as Linux 2.4.18"),
	C("build", build, build_words, "of the real machine's kernel, as its source says"),
	K("fitted", TEXT, fitted,
          "what of the costs was fitted on this row; not given: nothing, all of it is predicted"),
	K("ones", NAMES, ones, "measures that the row prints as whole numbers"),
	K("tens", NAMES, tens, "those that it prints as whole tens, such as 0.03K"),
	K("hundreds", NAMES, hundreds, "those that it prints as whole hundreds, such as 0.7K"),
	K("otherwise", NAMES, otherwise,
          "those of which the row has something else than what is measured here"),
#define X(name, text) K(#name, FACTOR, real[LMBENCH_##name], "the real machine: " text),
	LMBENCH(X)
#undef X
};

static void init(void *conf) {
	struct conf *c = conf;

	c->host = g_strdup("server");
	c->enabled = true;
	c->build = 2;
}

static bool has_measure(const struct group *group, const char *name) {
	for (unsigned i = 0; i < LMBENCH_COUNT; i++)
		if (g_str_equal(name, lmbench_names[i]))
			return group_given(group, name);
	return false;
}

/* What is said of numbers is said of those that the row has. */
static bool names_measures(const struct group *group, const char *key, char **names,
                           GError **error) {
	for (; names && *names; names++)
		if (!has_measure(group, *names))
			return group_wrong(group, key, error,
			                   "'%s'; allowed: measures that the row has, such as %s",
			                   *names, lmbench_names[0]);
	return true;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;

	(void)sc;
	return names_measures(group, "ones", c->ones, error) &&
	       names_measures(group, "tens", c->tens, error) &&
	       names_measures(group, "hundreds", c->hundreds, error) &&
	       names_measures(group, "otherwise", c->otherwise, error);
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;

	(void)error;
	world_program_runs(world);
	group->live = lmbench_start(host_called(world, c->host), world_program_done, world);
	return true;
}

static void end(struct group *group) { lmbench_free(group->live); }

static const struct measured measures[] = {
#define X(label, text)                                                                             \
	{.name = #label,                                                                           \
         .unit = LMBENCH_IS_RATE(LMBENCH_##label) ? "MB/s" : "us",                                 \
         .help = (text),                                                                             \
         .adds = ADDS_MEAN},
	LMBENCH(X)
#undef X
		{.name = "error",
                 .unit = "errno",
                 .help = "negative: what failed",
                 .adds = ADDS_NOT,
                 .fatal = true},
};

static void tell_lmbench(struct reading *r, const struct group *group) {
	const char *what;

	for (unsigned i = 0; i < LMBENCH_COUNT; i++)
		tell(r, lmbench_names[i], lmbench_value(group->live, i));
	tell(r, "error", lmbench_error(group->live, &what));
}

const struct kind kind_lmbench = {
	.name = "lmbench",
	.help = "lmbench's measures, and those of a real machine",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.stage = STAGE_BENCH,
	.check = check,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_lmbench,
};
