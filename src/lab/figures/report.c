/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a folder of results have to say, and in which order? */
#include "lab/figures/report.h"

#include <string.h>

#include "lab/figures/amount.h"
#include "lab/figures/report_parts.h"

static bool read_about(struct report *report, const char *name) {
	GString *bytes = report_file(report, name);
	bool good = bytes && json_parser_load_from_data(report->parser, bytes->str,
	                                                (gssize)bytes->len, NULL);
	JsonNode *root = good ? json_parser_get_root(report->parser) : NULL;

	if (bytes)
		g_string_free(bytes, TRUE);
	if (root && JSON_NODE_HOLDS_OBJECT(root))
		report->about = json_node_get_object(root);
	return report->about;
}

/* --- verdicts --------------------------------------------------------------------------------- */

/* How many claims of a role hold. */
static void tile_role(struct report *report, const struct csv *claims, const char *role,
                      const char *what) {
	int of = csv_column(claims, "role"), holds = csv_column(claims, "holds");
	unsigned all = 0, hold = 0, open = 0;

	for (guint i = 0; of >= 0 && holds >= 0 && i < claims->rows->len; i++) {
		char **row = claims->rows->pdata[i];

		if (!g_str_equal(row[of], role))
			continue;
		all++;
		hold += g_str_equal(row[holds], "yes");
		open += g_str_equal(row[holds], "undecided");
	}
	g_autofree char *number = g_strdup_printf("%u of %u", hold, all);
	g_autofree char *text =
		open ? g_strdup_printf("%s; %u undecided", what, open) : g_strdup(what);

	report_tile(report, number, text, hold == all);
}

/* A claim by itself: "+25.6 %", and what the paper has. */
static void tile_claim(struct report *report, const struct csv *claims, const char *name,
                       const char *unit, const char *what) {
	int at = csv_column(claims, "claim"), paper = csv_column(claims, "paper");
	int simulated = csv_column(claims, "simulated"), holds = csv_column(claims, "holds");

	if (at < 0 || paper < 0 || simulated < 0 || holds < 0)
		return;
	for (guint i = 0; i < claims->rows->len; i++) {
		char **row = claims->rows->pdata[i];
		g_autofree char *number = NULL, *text = NULL;

		if (!g_str_equal(row[at], name))
			continue;
		number = g_strdup_printf("%.1f %s", g_ascii_strtod(row[simulated], NULL), unit);
		text = g_strdup_printf("%s (paper: %.4g %s)", what,
		                       g_ascii_strtod(row[paper], NULL), unit);
		report_tile(report, number, text, g_str_equal(row[holds], "yes"));
	}
}

static void verdict_of_claims(struct report *report, const struct csv *claims) {
	tile_role(report, claims, "predicted", "predictions hold: never fitted");
	tile_role(report, claims, "calibrated", "fitted numbers hold");
	tile_role(report, claims, "chosen", "numbers hold by which the machine was chosen");
	tile_claim(report, claims, "fig5_offload_sop_gain_pct", "%",
	           "more requests/s with offload and SOP");
	tile_claim(report, claims, "table1_offload_sop_us", "us", "send() on a card, through SOP");
}

/* Measures that ought to be nothing. */
static const char *const troubles[] = {".failed", ".errors", ".unfinished", ".wrong_bytes",
                                       ".refused"};

static void verdict_of_run(struct report *report, const struct csv *summary) {
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < summary->rows->len; i++) {
		char **row = summary->rows->pdata[i];

		for (size_t t = 0; t < G_N_ELEMENTS(troubles); t++)
			if (g_str_has_suffix(row[0], troubles[t]) &&
			    g_ascii_strtod(row[1], NULL) > 0)
				g_string_append_printf(names, "%s%s", names->len ? ", " : "",
				                       row[0]);
	}
	report_tile(report, names->len ? "failed" : "held",
	            names->len ? names->str : "no errors, nothing left undone", names->len == 0);
	for (guint i = 0; i < summary->rows->len; i++) {
		char **row = summary->rows->pdata[i];

		if (g_str_has_suffix(row[0], ".cpu_total")) {
			g_autofree char *number =
				g_strdup_printf("%.1f %%", g_ascii_strtod(row[1], NULL));
			g_autofree char *what = g_strdup_printf(
				"%.*s: CPU busy", (int)(strchr(row[0], '.') - row[0]), row[0]);

			report_tile(report, number, what, true);
		}
	}
}

static void verdict_of_sweep(struct report *report, const struct csv *sweep) {
	int failed = csv_column(sweep, "failed");
	unsigned bad = 0;
	g_autofree char *points = g_strdup_printf("%u", sweep->rows->len), *number = NULL;

	for (guint i = 0; failed >= 0 && i < sweep->rows->len; i++)
		bad += g_ascii_strtod(((char **)sweep->rows->pdata[i])[failed], NULL) > 0;
	report_tile(report, points, "points", true);
	number = g_strdup_printf("%u", bad);
	report_tile(report, number, "of them with runs that failed", bad == 0);
}

static void verdict_of_comparison(struct report *report, const struct csv *effects) {
	int of = csv_column(effects, "of"), sure = csv_column(effects, "sure");
	unsigned all = 0, changed = 0;
	g_autofree char *number = NULL;

	for (guint i = 0; of >= 0 && sure >= 0 && i < effects->rows->len; i++) {
		char **row = effects->rows->pdata[i];

		if (!g_str_equal(row[of], "measure"))
			continue;
		all++;
		changed += g_str_equal(row[sure], "yes");
	}
	number = g_strdup_printf("%u of %u", changed, all);
	report_tile(report, number, "measures changed by more than their interval", true);
}

/* --- sections --------------------------------------------------------------------------------- */

static void tell_claims(struct report *report) {
	struct csv *claims = report_csv(report, "claims.csv");

	if (!claims)
		return;
	report_begin(report, "claims", "Claims");
	report_text(
		report, "p", "lead",
		"Every number of the paper. Calibrated: fitted, within the range of a source. "
		"Chosen: nothing was fitted to it, but the machine was chosen among those that "
		"have it. Predicted: comes out of the mechanisms; nothing was fitted or chosen by "
		"it. Consistency: follows from the others, and is no evidence.");
	report_claims(report, claims);
	report_end(report);
	csv_free(claims);
}

static void tell_table(struct report *report, const char *file, const char *id, const char *title,
                       const char *text) {
	struct csv *csv = report_csv(report, file);

	if (!csv)
		return;
	report_begin(report, id, title);
	report_text(report, "p", "lead", text);
	if (g_str_equal(file, "summary.csv"))
		report_summary(report, csv);
	else
		report_csv_table(report, csv, file, true);
	report_end(report);
	csv_free(csv);
}

static const struct {
	const char *name, *title, *text;
} figures[] = {
	{"table1", "Table 1: latency of send()",
         "Microseconds of one send() in the paper's four cases, beside the paper's values."},
	{"table1_parts", "Where a send() goes",
         "What the microseconds of each case are made of, layer by layer; the parts add up to the measured time."},
	{"fig5", "Figure 5: throughput",
         "Requests per second against offered load, with 95 % intervals."},
	{"fig6", "Figure 6: the host's processor",
         "User and system time where the host's own TCP/IP saturates, beside the paper's values."},
	{"sweep", "The sweep",
         "A panel for each measure; bars are 95 % intervals, a cross is a point with runs that failed."},
	{"compare", "What changed",
         "How much each measure changed, the largest change first, with 95 % intervals."},
};

static bool has_figures(const struct report *report) {
	for (size_t i = 0; i < G_N_ELEMENTS(figures); i++) {
		g_autofree char *file = g_strconcat(figures[i].name, ".svg", NULL);
		GString *svg = report_file(report, file);

		if (svg) {
			g_string_free(svg, TRUE);
			return true;
		}
	}
	return false;
}

static void tell_figures(struct report *report) {
	if (!has_figures(report))
		return;
	report_begin(report, "figures", "Figures");
	for (size_t i = 0; i < G_N_ELEMENTS(figures); i++)
		report_figure(report, figures[i].name, figures[i].title, figures[i].text);
	report_end(report);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* The kinds of folder, by a file that only they have. */
static const struct {
	const char *file, *title;
	void (*verdict)(struct report *report, const struct csv *csv);
} folders[] = {{"claims.csv", "The paper, reproduced", verdict_of_claims},
               {"sweep.csv", "A sweep", verdict_of_sweep},
               {"summary.csv", "A run", verdict_of_run},
               {"compare.csv", "A comparison", verdict_of_comparison}};

static const char *member(const struct report *report, const char *name) {
	return report->about && json_object_has_member(report->about, name) &&
	                       JSON_NODE_HOLDS_VALUE(json_object_get_member(report->about, name)) &&
	                       json_node_get_value_type(
				       json_object_get_member(report->about, name)) == G_TYPE_STRING
	               ? json_object_get_string_member(report->about, name)
	               : NULL;
}

/* "sopsim 0.3.0, seed 1, 243,162,179 events" */
static char *subtitle_of(const struct report *report) {
	const char *version = member(report, "version");
	const struct amount count = amount_of("1", 0);
	GString *text = g_string_new("sopsim");

	if (version)
		g_string_append_printf(text, " %s", version);
	if (report->about && json_object_has_member(report->about, "seed"))
		g_string_append_printf(text, ", seed %" G_GINT64_FORMAT,
		                       json_object_get_int_member(report->about, "seed"));
	if (report->about && json_object_has_member(report->about, "events")) {
		double n = (double)json_object_get_int_member(report->about, "events");
		g_autofree char *events = amount_text(&count, n);

		g_string_append_printf(text, ", %s events", events);
	}
	return g_string_free(text, FALSE);
}

static GString *tell(struct report *report, size_t folder, struct csv *csv) {
	const char *scenario = member(report, "scenario");
	g_autofree char *title = NULL, *subtitle = NULL;

	g_string_append(report->body, "<div class=\"tiles\">\n");
	folders[folder].verdict(report, csv);
	g_string_append(report->body, "</div>\n");
	tell_claims(report);
	report_changes(report);
	tell_figures(report);
	report_charts(report);
	report_time(report);
	report_series(report);
	report_connections(report);
	tell_table(report, "summary.csv", "measures", "Measures",
	           "All that the run measured over its window.");
	tell_table(report, "sweep.csv", "points", "Points",
	           "A row for each point: means, half their 95 % intervals (_ci95), over how many "
	           "runs (_n). A heading sorts.");
	tell_table(report, "compare.csv", "effects", "Effects",
	           "Each measure as it was and as it is, and what is between them.");
	report_parameters(report);
	report_provenance(report);
	title = g_strconcat(folders[folder].title, scenario ? ": " : "", scenario ? scenario : "",
	                    NULL);
	subtitle = subtitle_of(report);
	return report_page(report, title, subtitle);
}

GString *report_html(const char *dir, GError **error) {
	struct report report = {.dir = dir,
	                        .parser = json_parser_new(),
	                        .nav = g_string_new(NULL),
	                        .body = g_string_new(NULL)};
	GString *page = NULL;

	if (!read_about(&report, "run.json"))
		read_about(&report, "sweep.json");
	for (size_t i = 0; !page && i < G_N_ELEMENTS(folders); i++) {
		struct csv *csv = report_csv(&report, folders[i].file);

		if (csv) {
			page = tell(&report, i, csv);
			csv_free(csv);
		}
	}
	if (!page)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "'%s' has no results; allowed: a folder that reproduce, run, sweep or "
		            "compare left with --out",
		            dir);
	g_object_unref(report.parser);
	g_string_free(report.nav, TRUE);
	g_string_free(report.body, TRUE);
	return page;
}
