/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do runs say of what sources say? */
#include "lab/campaign/claims.h"

#include <math.h>

#include "lab/campaign/run.h"
#include "lab/campaign/witness_files.h"

/* The runs of a file: one for each config that a claim names, "" for none. */
struct asked {
	const struct witness_file *file;
	struct scenario *sc;
	guint first; /* of its runs among all */
	GPtrArray *configs;
};

static const char *or_none(const char *text) { return text ? text : ""; }

static guint config_at(const struct asked *asked, const char *config) {
	guint at = 0;

	if (!g_ptr_array_find_with_equal_func(asked->configs, config, g_str_equal, &at)) {
		at = asked->configs->len;
		g_ptr_array_add(asked->configs, (gpointer)config);
	}
	return at;
}

/* --- the runs --------------------------------------------------------------------------------- */

static bool add_run(const struct asked *asked, const char *config, GPtrArray *specs,
                    GError **error) {
	struct text *text = text_copy(asked->file->text);
	g_autofree char *name = g_strdup_printf("%s %s", asked->file->name, config);
	bool good = !*config || scenario_apply(asked->sc, &kind_config, config, NULL, text, error);

	if (good)
		g_ptr_array_add(specs, run_spec_new(name, text, 1));
	text_free(text);
	return good;
}

static bool ask(struct asked *asked, GPtrArray *specs, GError **error) {
	const struct group *claim;

	asked->sc = scenario_new(asked->file->text, error);
	asked->configs = g_ptr_array_new();
	asked->first = specs->len;
	for (unsigned i = 0; asked->sc && (claim = scenario_nth(asked->sc, &kind_claim, i)); i++) {
		config_at(asked, or_none(group_text(claim, "config")));
		if (group_text(claim, "over"))
			config_at(asked, or_none(group_text(claim, "over_config")));
	}
	for (guint i = 0; asked->sc && i < asked->configs->len; i++)
		if (!add_run(asked, asked->configs->pdata[i], specs, error))
			return false;
	return asked->sc;
}

/* --- the claims ------------------------------------------------------------------------------- */

static double measured(const struct asked *asked, struct measures *const *m,
                       const struct group *claim, const char *config, const char *measure) {
	guint at = config_at(asked, or_none(group_text(claim, config)));

	return measures_get(m[asked->first + at], group_text(claim, measure));
}

static struct claim claim_of(const struct asked *asked, const struct group *group,
                             struct measures *const *m) {
	double value =
		measured(asked, m, group, "config", "measure") * group_number(group, "times");

	if (group_text(group, "over"))
		value /= measured(asked, m, group, "over_config", "over");
	return (struct claim){
		.name = g_strdup(group->name),
		.unit = g_strdup(or_none(group_text(group, "unit"))),
		.simulated = value,
		.real = group_number(group, "real"),
		.error = group_number(group, "error"),
		.bound = (enum claim_bound)group_number(group, "bound"),
	};
}

static void claim_clear(gpointer data) {
	struct claim *claim = data;

	g_free(claim->name);
	g_free(claim->unit);
}

static void claims_free(gpointer data) {
	struct claims *claims = data;

	g_free(claims->name);
	g_free(claims->title);
	g_array_unref(claims->list);
	g_free(claims);
}

static struct claims *claims_of(const struct asked *asked, struct measures *const *m) {
	struct claims *claims = g_new0(struct claims, 1);
	const struct group *group;

	claims->name = g_strdup(asked->file->name);
	claims->title = g_strdup(or_none(scenario_head(asked->sc)->title));
	claims->list = g_array_new(FALSE, FALSE, sizeof(struct claim));
	g_array_set_clear_func(claims->list, claim_clear);
	for (unsigned i = 0; (group = scenario_nth(asked->sc, &kind_claim, i)); i++) {
		struct claim claim = claim_of(asked, group, m);

		g_array_append_val(claims->list, claim);
	}
	return claims;
}

/* --- all of it -------------------------------------------------------------------------------- */

static void spec_unref(gpointer spec) { run_spec_free(spec); }

static GPtrArray *run_asked(const struct asked *asked, guint n, const GPtrArray *specs,
                            unsigned jobs, GError **error) {
	g_autofree struct measures **m = g_new0(struct measures *, specs->len + 1);
	GPtrArray *all = NULL;

	if (run_all((struct run_spec *const *)specs->pdata, specs->len, jobs, m, error)) {
		all = g_ptr_array_new_with_free_func(claims_free);
		for (guint i = 0; i < n; i++)
			g_ptr_array_add(all, claims_of(&asked[i], m));
	}
	for (guint i = 0; i < specs->len; i++)
		g_clear_pointer(&m[i], measures_free);
	return all;
}

GPtrArray *claims_run(char **names, unsigned jobs, GError **error) {
	g_autoptr(GPtrArray) files = witness_files("witnesses", names, error);
	g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func(spec_unref);
	g_autofree struct asked *asked = g_new0(struct asked, files ? files->len : 0);
	GPtrArray *all = NULL;
	bool good = files;

	for (guint i = 0; good && i < files->len; i++) {
		asked[i].file = files->pdata[i];
		good = ask(&asked[i], specs, error);
	}
	if (good)
		all = run_asked(asked, files->len, specs, jobs, error);
	for (guint i = 0; files && i < files->len; i++) {
		g_clear_pointer(&asked[i].sc, scenario_free);
		g_clear_pointer(&asked[i].configs, g_ptr_array_unref);
	}
	return all;
}

bool claim_holds(const struct claim *claim) {
	double off = claim->simulated / claim->real - 1;

	switch (claim->bound) {
	case CLAIM_LEAST:
		return off >= -claim->error;
	case CLAIM_MOST:
		return off <= claim->error;
	default:
		return fabs(off) <= claim->error;
	}
}
