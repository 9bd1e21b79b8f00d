/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of the systems that agree? */
#include "lab/infer/answers.h"

#include <math.h>
#include <string.h>

#include "lab/figures/answer.h"
#include "lab/figures/results.h"

/* The places of the systems that agree, for region.h; to be freed. */
static const double **places_of(const struct inference *in) {
	const double **places = g_new(const double *, in->accepted->len + 1);

	for (guint i = 0; i < in->accepted->len; i++)
		places[i] = ((const struct trial *)in->accepted->pdata[i])->x;
	return places;
}

static struct band number_band(const struct inference *in, unsigned k) {
	g_autofree double *values = g_new(double, in->accepted->len + 1);

	for (guint i = 0; i < in->accepted->len; i++)
		values[i] = ((const struct trial *)in->accepted->pdata[i])->y[k];
	return region_band_of(values, in->accepted->len);
}

/* --- the page: the unknowns ------------------------------------------------------------------------- */

static void shares_line(GString *page, const struct unknown *u, const double *const *places,
                        unsigned i, const guint *of, guint n) {
	for (unsigned w = 0; w < u->n_words; w++)
		g_string_append_printf(page, "%s%s %.0f %%", w ? ", " : "", u->words[w],
		                       100 * region_share(u, places, i, w, of, n));
}

/* "hardware 3 %, G' 20 %, G 77 %": parts of a range. */
static void kinds_line(GString *page, const struct unknown *u, const double *const *places,
                       unsigned i, const guint *of, guint n) {
	for (unsigned k = 0; u->kinds[k]; k++) {
		g_autofree char *name = g_strndup(u->kinds[k], strcspn(u->kinds[k], " "));
		guint has = 0;

		for (guint s = 0; s < n; s++) {
			g_autofree char *kind =
				unknown_kind(u, unknown_value(u, places[of ? of[s] : s][i]));

			has += g_str_equal(kind, name);
		}
		g_string_append_printf(page, "%s%s %.0f %%", k ? ", " : "", name,
		                       n ? 100.0 * has / n : NAN);
	}
}

static void unknowns_table(GString *page, const struct inference *in, const double *const *places) {
	guint n = in->accepted->len;

	g_string_append_printf(page, "  %-44s %17s %9s %9s %9s\n", "unknown", "could have been",
	                       "5 %", "median", "95 %");
	for (unsigned i = 0; i < in->unknowns->n; i++) {
		const struct unknown *u = &in->unknowns->list[i];
		struct band band = region_band(u, places, i, NULL, n);

		g_string_append_printf(page, "  %-44s ", u->label);
		if (u->law == UNKNOWN_WORDS) {
			shares_line(page, u, places, i, NULL, n);
		} else {
			g_string_append_printf(page, "%7.4g to %6.4g %9.4g %9.4g %9.4g", u->low,
			                       u->high, band.p05, band.median, band.p95);
			if (u->kinds) {
				g_string_append(page, "\n    of these ");
				kinds_line(page, u, places, i, NULL, n);
			}
		}
		g_string_append_c(page, '\n');
	}
}

static void island_table(GString *page, const struct inference *in, const double *const *places,
                         const struct island *island, const char *name) {
	g_string_append_printf(page, "\nIsland %s: %.0f %% of the systems\n", name,
	                       100.0 * island->n / in->accepted->len);
	for (unsigned i = 0; i < in->unknowns->n; i++) {
		const struct unknown *u = &in->unknowns->list[i];
		struct band band = region_band(u, places, i, island->of, island->n);

		g_string_append_printf(page, "  %-44s ", u->label);
		if (u->law == UNKNOWN_WORDS)
			shares_line(page, u, places, i, island->of, island->n);
		else
			g_string_append_printf(page, "%17s %9.4g %9.4g %9.4g", "", band.p05,
			                       band.median, band.p95);
		if (u->kinds) {
			g_string_append(page, "  ");
			kinds_line(page, u, places, i, island->of, island->n);
		}
		g_string_append_c(page, '\n');
	}
}

static void islands(GString *page, const struct inference *in, const double *const *places) {
	struct island found[ISLANDS_MOST];
	unsigned n = region_islands(in->unknowns, places, in->accepted->len, found);

	if (n == 1)
		g_string_append(page, "\nThe systems are one island: no gap divides them in any "
		                      "unknown.\n");
	for (unsigned i = 0; n > 1 && i < n; i++) {
		const char name[] = {(char)('A' + i), '\0'};

		island_table(page, in, places, &found[i], name);
	}
	islands_clear(found, n);
}

/* --- the page: the numbers --------------------------------------------------------------------------- */

static void used_table(GString *page, const struct inference *in, const struct hold *hold) {
	g_string_append(page,
	                "\nThe paper's numbers, each by the systems that agree with all others "
	                "(closed form): what they say, and which share has it\n");
	g_string_append_printf(page, "  %-44s %9s %9s %9s %9s\n", "number", "paper", "within",
	                       "median", "holds");
	for (unsigned k = 0; k < in->numbers->n; k++) {
		const struct number *number = &in->numbers->list[k];

		if (number_used(number))
			g_string_append_printf(page, "  %-44s %9.4g %9.3g %9.4g %7.1f %%\n",
			                       number->label, number->paper, number->within,
			                       hold->median[k], 100 * hold->share[k]);
	}
}

static void unused_table(GString *page, const struct inference *in) {
	g_string_append_printf(page,
	                       "\nWhat was not used, in the systems that agree\n  %-44s %9s "
	                       "%9s %9s %9s\n",
	                       "number", "paper", "5 %", "median", "95 %");
	for (unsigned k = 0; k < in->numbers->n; k++) {
		const struct number *number = &in->numbers->list[k];
		struct band band = number_band(in, k);
		g_autofree char *paper = isnan(number->paper)
		                                 ? g_strdup("-")
		                                 : g_strdup_printf("%.4g", number->paper);

		if (!number_used(number))
			g_string_append_printf(page, "  %-44s %9s %9.4g %9.4g %9.4g\n",
			                       number->label, paper, band.p05, band.median,
			                       band.p95);
	}
}

static void hypothesis_row(GString *page, const struct inference *in, unsigned i, unsigned word) {
	const struct unknown *u = &in->unknowns->list[i];
	struct hypothesis h = hypothesis_of(in, i, word);

	g_string_append_printf(page, "  %-16s %9.1f %%", u->words[word], 100 * h.before);
	for (unsigned k = 0; k < in->numbers->n; k++)
		if (!isnan(h.each[k]))
			g_string_append_printf(page, " %14.1f %%", 100 * h.each[k]);
	g_string_append_printf(page, " %9.1f %% %9.1f %%\n", 100 * h.both, 100 * h.after);
	hypothesis_clear(&h);
}

static void hypotheses(GString *page, const struct inference *in) {
	for (unsigned i = 0; i < in->unknowns->n; i++) {
		const struct unknown *u = &in->unknowns->list[i];

		if (!hypothesis_tested(in, i))
			continue;
		g_string_append_printf(
			page,
			"\nHypotheses: %s.  Share of the systems that agree with the "
			"numbers which test none; how many of them hold the tested ones, too; "
			"share afterwards (closed form)\n  %-16s %11s",
			u->label, "", "before");
		for (unsigned k = 0; k < in->numbers->n; k++)
			if (in->numbers->list[k].tests == (int)i)
				g_string_append_printf(page, " %16s", in->numbers->list[k].name);
		g_string_append_printf(page, " %11s %11s\n", "all", "after");
		for (unsigned w = 0; w < u->n_words; w++)
			hypothesis_row(page, in, i, w);
	}
}

/* --- the page: how good the closed form is -------------------------------------------------------------- */

static void closed_form(GString *page, const struct inference *in) {
	g_string_append(page,
	                "\nThe closed form beside the simulator, near the paper: root mean square "
	                "of what it misses, of systems that it did not learn from\n");
	for (unsigned k = 0; k < in->numbers->n; k++) {
		const struct number *number = &in->numbers->list[k];

		if (number_used(number))
			g_string_append_printf(page, "  %-44s %9.3g of %.4g\n", number->label,
			                       emulator_off(in->emulator)[k], number->paper);
	}
}

static void member(GString *page, const struct inference *in, const double *const *places) {
	const double *x = places[region_member(in->unknowns, places, in->accepted->len)];

	g_string_append(page, "\nThe system that stands for all (the medoid)\n");
	for (unsigned i = 0; i < in->unknowns->n; i++) {
		g_autofree char *text = unknown_text(&in->unknowns->list[i], x[i]);

		g_string_append_printf(page, "  %-44s %9s\n", in->unknowns->list[i].label, text);
	}
}

GString *answers_page(const struct inference *in, const struct hold *hold) {
	g_autofree const double **places = places_of(in);
	GString *page = g_string_new(NULL);

	g_string_append_printf(
		page,
		"%s: %u systems were tried by the simulator, of them %u as the priors "
		"have them, to learn from; %u agree with all numbers, %u of them found on walks from "
		"the others\n\n",
		in->text->file, in->trials->len, in->pilots, in->accepted->len,
		in->accepted->len - in->found);
	if (in->accepted->len) {
		unknowns_table(page, in, places);
		islands(page, in, places);
	}
	used_table(page, in, hold);
	hypotheses(page, in);
	if (in->accepted->len) {
		unused_table(page, in);
		member(page, in, places);
	}
	closed_form(page, in);
	return page;
}

/* --- tables ----------------------------------------------------------------------------------------- */

/* Numbers with all their digits: what is drawn is found again (--from). */
GString *answers_systems(const struct inference *in) {
	GString *csv = g_string_new(NULL);

	for (unsigned i = 0; i < in->unknowns->n; i++)
		g_string_append_printf(csv, "%s%s", i ? "," : "", in->unknowns->list[i].name);
	for (unsigned k = 0; k < in->numbers->n; k++)
		g_string_append_printf(csv, ",%s", in->numbers->list[k].name);
	g_string_append_c(csv, '\n');
	for (guint t = 0; t < in->accepted->len; t++) {
		const struct trial *trial = in->accepted->pdata[t];

		for (unsigned i = 0; i < in->unknowns->n; i++) {
			const struct unknown *u = &in->unknowns->list[i];

			g_string_append(csv, i ? "," : "");
			if (u->law == UNKNOWN_WORDS)
				results_cell(csv, u->words[unknown_word(u, trial->x[i])]);
			else
				results_exact(csv, unknown_value(u, trial->x[i]));
		}
		for (unsigned k = 0; k < in->numbers->n; k++) {
			g_string_append_c(csv, ',');
			results_digits(csv, trial->y[k]);
		}
		g_string_append_c(csv, '\n');
	}
	return csv;
}

GString *answers_shares(const struct inference *in, const struct hold *hold) {
	GString *csv = g_string_new("number,label,paper,within,median,share\n");

	for (unsigned k = 0; k < in->numbers->n; k++) {
		const struct number *number = &in->numbers->list[k];

		if (!number_used(number))
			continue;
		results_cell(csv, number->name);
		g_string_append_c(csv, ',');
		results_cell(csv, number->label);
		for (unsigned i = 0; i < 4; i++) {
			const double cells[] = {number->paper, number->within, hold->median[k],
			                        hold->share[k]};

			g_string_append_c(csv, ',');
			results_number(csv, cells[i], 4);
		}
		g_string_append_c(csv, '\n');
	}
	return csv;
}

GString *answers_bands(const struct inference *in) {
	GString *csv = g_string_new("number,label,p05,median,p95\n");

	for (unsigned k = 0; in->accepted->len && k < in->numbers->n; k++) {
		struct band band = number_band(in, k);
		const double cells[] = {band.p05, band.median, band.p95};

		results_cell(csv, in->numbers->list[k].name);
		g_string_append_c(csv, ',');
		results_cell(csv, in->numbers->list[k].label);
		for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++) {
			g_string_append_c(csv, ',');
			results_digits(csv, cells[i]);
		}
		g_string_append_c(csv, '\n');
	}
	return csv;
}

GString *answers_member(const struct inference *in) {
	g_autofree const double **places = places_of(in);
	GString *lines = g_string_new(NULL);
	g_auto(GStrv) settings = NULL;

	if (in->accepted->len == 0)
		return lines;
	settings = unknowns_settings(
		in->unknowns, places[region_member(in->unknowns, places, in->accepted->len)]);
	for (unsigned i = 0; settings[i]; i++)
		g_string_append_printf(lines, "%s\n", settings[i]);
	return lines;
}

/* --- JSON -------------------------------------------------------------------------------------------- */

static void put(struct answer *answer, const char *of, const char *group, const char *measure,
                const char *unit, double value) {
	const struct answer_row row = {.of = of,
	                               .group = group,
	                               .measure = measure,
	                               .unit = unit,
	                               .value = value,
	                               .ci95 = NAN};

	answer_add(answer, &row);
}

static void put_band(struct answer *answer, const char *of, const char *group,
                     const struct band *band) {
	put(answer, of, group, "least", "1", band->least);
	put(answer, of, group, "p05", "1", band->p05);
	put(answer, of, group, "median", "1", band->median);
	put(answer, of, group, "p95", "1", band->p95);
	put(answer, of, group, "most", "1", band->most);
}

static void put_unknown(struct answer *answer, const struct inference *in, unsigned i,
                        const double *const *places) {
	const struct unknown *u = &in->unknowns->list[i];
	struct band band = region_band(u, places, i, NULL, in->accepted->len);

	if (u->law != UNKNOWN_WORDS)
		put_band(answer, "unknown", u->name, &band);
	for (unsigned w = 0; w < u->n_words; w++)
		put(answer, "share", u->name, u->words[w], "1",
		    region_share(u, places, i, w, NULL, in->accepted->len));
	for (unsigned w = 0; hypothesis_tested(in, i) && w < u->n_words; w++) {
		struct hypothesis h = hypothesis_of(in, i, w);

		put(answer, "hypothesis", u->name, u->words[w], "1", h.both);
		hypothesis_clear(&h);
	}
}

void answers_json(const struct inference *in, const struct hold *hold) {
	struct answer *answer = answer_new("infer", in->text->file, in->seed);
	g_autofree const double **places = places_of(in);

	put(answer, "systems", NULL, "tried", "1", in->trials->len);
	put(answer, "systems", NULL, "accepted", "1", in->accepted->len);
	for (unsigned i = 0; in->accepted->len && i < in->unknowns->n; i++)
		put_unknown(answer, in, i, places);
	for (unsigned k = 0; k < in->numbers->n; k++) {
		const struct number *number = &in->numbers->list[k];
		struct band band = number_band(in, k);

		put_band(answer, "number", number->name, &band);
		if (number_used(number))
			put(answer, "holds", number->name, "share", "1", hold->share[k]);
	}
	answer_print(answer);
}
