/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do Figures 5 and 6 look beside the paper's? */
#include "lab/figures/paper_plots.h"

#include <math.h>

#include "lab/campaign/paper.h"
#include "lab/figures/gnuplot.h"
#include "lab/figures/labels.h"
#include "lab/figures/page.h"
#include "lab/figures/results.h"
#include "lab/figures/shares.h"

/* Pixels: the page, and where its axes are. */
#define WIDTH 800
#define LEFT 74
#define TITLE_FONT 14
#define NAME_FONT 11
#define NAME_HEIGHT 15.0

/* "predicted, does not hold" */
static char *told(const struct claim *claim) {
	return g_strdup_printf("%s, %s", claim->role, claim_words[claim->verdict]);
}

/* Where nine of ten of the machines that agree with the paper's numbers are: numbers of scenarios/infer/paper.ini. */
static const char *const plateau_numbers[PAPER_CURVES] = {"plateau", "card_rate", "card_sop_rate"};
static const char *const cpu_numbers[PAPER_CURVES] = {NULL, "cpu", "cpu_sop"};

struct bands {
	unsigned n;
	double low[PAPER_CURVES], high[PAPER_CURVES]; /* NAN: none */
};

static struct bands bands_of(const char *const numbers[PAPER_CURVES]) {
	g_autofree char *file = shares_kept("bands.csv");
	struct shares *kept = shares_read(file);
	struct bands bands = {0};

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		bands.low[c] = bands.high[c] = NAN;
		if (numbers[c])
			bands.n += shares_band(kept, numbers[c], &bands.low[c], &bands.high[c]);
	}
	shares_free(kept);
	return bands;
}

static void cell(GString *script, double value) {
	g_string_append_c(script, ' ');
	results_number(script, value, 3);
}

/* --- Fig. 5 ----------------------------------------------------------------------------------- */

#define FIG5_HEIGHT 490
#define FIG5_TOP 62
#define FIG5_BOTTOM 426
#define FIG5_RIGHT 660
#define FIG5_RPS 1000.0 /* at the top */
/* The paper's plateaus are lines from here on, where no curve is below the first of them. */
#define PLATEAU_FROM 352

struct fig5 {
	struct page page;
	unsigned most; /* offered, at the right end */
	bool failed;   /* a run of any point */
	double ends[PAPER_CURVES];
};

static double height_of(double rps) {
	return FIG5_TOP + (FIG5_BOTTOM - FIG5_TOP) * (1 - rps / FIG5_RPS);
}

static void write_points(struct fig5 *f, const struct plan *plan) {
	GString *script = f->page.script;
	struct estimate e;
	unsigned offered;

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		g_string_append_printf(script, "$curve%u << EOD\n", c);
		for (unsigned i = 0; paper_point(plan, c, i, &offered, &e); i++) {
			bool failed = paper_point_failed(plan, c, i);

			g_string_append_printf(script, "%u", offered);
			cell(script, e.value);
			cell(script, isnan(e.ci95) ? 0 : e.ci95);
			g_string_append_printf(script, " %u\n", failed);
			f->most = MAX(f->most, offered);
			f->failed = f->failed || failed;
			f->ends[c] = e.value;
		}
		g_string_append(script, "EOD\n");
	}
}

/* What is offered, up to where nine of ten machines end. */
static void write_bands(const struct fig5 *f, const struct bands *bands) {
	GString *script = f->page.script;

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		const double at[] = {0, bands->low[c], bands->high[c], f->most};

		if (isnan(bands->low[c]))
			continue;
		g_string_append_printf(script, "$band%u << EOD\n", c);
		for (unsigned i = 0; i < G_N_ELEMENTS(at); i++) {
			cell(script, at[i]);
			cell(script, fmin(at[i], bands->low[c]));
			cell(script, fmin(at[i], bands->high[c]));
			g_string_append_c(script, '\n');
		}
		g_string_append(script, "EOD\n");
	}
}

static void plot_bands(const struct fig5 *f, const struct bands *bands) {
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		if (!isnan(bands->low[c]))
			g_string_append_printf(
				f->page.script,
				"$band%u using 1:2:3 with filledcurves fc rgb c%u fs "
				"transparent solid 0.18 noborder, ",
				c, c + 1);
}

/* What is drawn besides the curves. */
static void write_note(const struct fig5 *f, const struct bands *bands) {
	page_text(&f->page,
	          f->failed ? "bars: 95 % intervals; dashes: the paper; cross: a run that failed"
	                    : "bars: 95 % intervals; dashes: the paper",
	          WIDTH - 10, FIG5_HEIGHT - 12, "right", NAME_FONT, 0);
	if (bands->n)
		page_text(&f->page, "bands: nine of ten machines that agree with the paper",
		          WIDTH - 10, FIG5_TOP - 16, "right", NAME_FONT, 0);
}

static void write_plateaus(const struct fig5 *f, const struct plan *plan) {
	struct label labels[PAPER_CURVES];
	struct claim claims[PAPER_CLAIMS];

	paper_claims(plan, claims);
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		labels[c].wanted = height_of(paper_curves[c].paper_plateau);
	labels_place(labels, PAPER_CURVES, NAME_HEIGHT, FIG5_TOP, FIG5_BOTTOM);
	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		const struct claim *claim = paper_claim(claims, paper_curves[c].plateau_claim);
		g_autofree char *verdict = told(claim);
		g_autofree char *text =
			c == CURVE_LEGACY
				? g_strdup_printf("paper: %.0f; %s", claim->paper, verdict)
				: g_strdup_printf("paper: +%.0f %%; %s", claim->paper, verdict);
		g_autofree char *how = g_strdup_printf("right tc rgb c%u", c + 1);
		g_autofree char *line = g_strdup_printf("lc rgb c%u lw 1 dt 2 back", c + 1);
		double y = labels[c].wanted;

		page_text(&f->page, text, PLATEAU_FROM - 16, labels[c].at, how, NAME_FONT, 0);
		page_line(&f->page, PLATEAU_FROM - 14, labels[c].at, PLATEAU_FROM, y, line);
		page_line(&f->page, PLATEAU_FROM, y, FIG5_RIGHT, y, line);
	}
}

static void write_names(const struct fig5 *f) {
	struct label labels[PAPER_CURVES];

	for (unsigned c = 0; c < PAPER_CURVES; c++)
		labels[c].wanted = height_of(f->ends[c]);
	labels_place(labels, PAPER_CURVES, NAME_HEIGHT, FIG5_TOP, FIG5_BOTTOM);
	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		g_autofree char *how = g_strdup_printf("left tc rgb c%u", c + 1);

		page_text(&f->page, paper_curves[c].label, FIG5_RIGHT + 12, labels[c].at, how, 12,
		          0);
	}
}

GString *fig5_plot(const struct plan *plan) {
	struct fig5 f = {.page = page_new(WIDTH, FIG5_HEIGHT)};
	struct bands bands = bands_of(plateau_numbers);
	GString *script = f.page.script;

	write_points(&f, plan);
	write_bands(&f, &bands);
	page_frame(&f.page, LEFT, FIG5_TOP, FIG5_RIGHT, FIG5_BOTTOM);
	page_text(&f.page, "Fig. 5: throughput of a web server under SPECweb99 load", LEFT, 20,
	          "left", TITLE_FONT, 0);
	write_note(&f, &bands);
	page_text(&f.page, "throughput, requests/s", LEFT, FIG5_TOP - 16, "left", 12, 0);
	write_plateaus(&f, plan);
	write_names(&f);
	g_string_append_printf(script,
	                       "set xlabel 'offered load, requests/s'\n"
	                       "set xrange [0:%u]\nset yrange [0:%.0f]\nplot ",
	                       f.most, FIG5_RPS);
	plot_bands(&f, &bands);
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		g_string_append_printf(
			script,
			"%s$curve%u using 1:2 with linespoints ls %u, "
			"'' using 1:($2-$3):(0):(2*$3) with vectors nohead ls %u dt 1 lw 1, "
			"'' using 1:($4 > 0 ? $2 : 1/0) with points pt 2 ps 1.1 lw 1.5 lc rgb 'black'",
			c ? ", " : "", c, c + 1, c + 1);
	g_string_append_c(script, '\n');
	return script;
}

/* --- Fig. 6 ----------------------------------------------------------------------------------- */

#define FIG6_HEIGHT 500
#define FIG6_TOP 84
#define FIG6_BOTTOM 438
#define FIG6_RIGHT 780

static void write_shares(GString *script, const struct plan *plan, const struct bands *bands) {
	struct claim claims[PAPER_CLAIMS];

	paper_claims(plan, claims);
	g_string_append(script, "$data << EOD\n");
	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		const struct paper_curve *curve = &paper_curves[c];
		g_autofree char *verdict = told(paper_claim(claims, curve->total_claim));
		bool parts = !isnan(curve->paper_user_pct);

		g_string_append_printf(script, "%u \"%s\\n%s\"", c, curve->label, verdict);
		cell(script, paper_cpu(plan, c, "user").value);
		cell(script, paper_cpu(plan, c, "total").value);
		cell(script, paper_cpu(plan, c, "total").ci95);
		cell(script, curve->paper_total_pct);
		/* 0: no bar. */
		cell(script, parts ? curve->paper_user_pct : 0);
		cell(script, parts ? curve->paper_user_pct + curve->paper_system_pct : 0);
		cell(script, isnan(bands->low[c]) ? 0 : bands->low[c]);
		cell(script, isnan(bands->low[c]) ? 0 : bands->high[c]);
		g_string_append_c(script, '\n');
	}
	g_string_append(script, "EOD\n");
}

static void write_legend(const struct page *page) {
	static const struct {
		const char *text, *colour; /* none: a heading */
		double x;
	} keys[] = {
		{"simulated:", NULL, LEFT},     {"user", "#e69f00", 150},
		{"system", "#0072b2", 212},     {"paper:", NULL, 320},
		{"user", "#f5d999", 372},       {"system", "#99c7e0", 434},
		{"total only", "#cccccc", 508},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (keys[i].colour)
			page_box(page, keys[i].x, 40, keys[i].x + 12, 52, keys[i].colour);
		page_text(page, keys[i].text, keys[i].x + (keys[i].colour ? 17 : 0), 46, "left",
		          NAME_FONT, 0);
	}
}

/* The paper's bar beside the simulated one, in the same parts, paler; grey where it tells the total only. */
GString *fig6_plot(const struct plan *plan) {
	struct page page = page_new(WIDTH, FIG6_HEIGHT);
	struct bands bands = bands_of(cpu_numbers);

	page_text(&page, "Fig. 6: host CPU utilisation at 700 requests/s", LEFT, 20, "left",
	          TITLE_FONT, 0);
	write_legend(&page);
	page_text(&page, "CPU, %", LEFT, FIG6_TOP - 8, "right", 12, 0);
	page_frame(&page, LEFT, FIG6_TOP, FIG6_RIGHT, FIG6_BOTTOM);
	write_shares(page.script, plan, &bands);
	if (bands.n)
		page_text(&page, "bands behind: nine of ten machines that agree with the paper",
		          WIDTH - 10, FIG6_HEIGHT - 8, "right", NAME_FONT, 0);
	g_string_append(
		page.script,
		"set yrange [0:110]\nset xrange [-0.6:2.6]\n"
		"set xtics scale 0\nset boxwidth 0.36\nset style fill solid 1 border -1\n"
		"plot $data using 1:(0):xtic(2) with dots notitle, \\\n"
		" '' using ($1-0.19):10:($1-0.44):($1-0.01):($10 > 0 ? $9 : 1/0):10 with boxxyerror fc rgb '#bbbbbb' fs solid 1 noborder notitle, \\\n"
		" '' using ($1-0.19):4 with boxes fc rgb c1 notitle, \\\n"
		" '' using ($1-0.19):3 with boxes fc rgb c5 notitle, \\\n"
		" '' using ($1-0.19):($4-$5):(0):(2*$5) with vectors nohead lc rgb 'black' lw 1.5 notitle, \\\n"
		" '' using ($1+0.19):6 with boxes fc rgb '#cccccc' notitle, \\\n"
		" '' using ($1+0.19):($8 > 0 ? $8 : 1/0) with boxes fc rgb '#99c7e0' notitle, \\\n"
		" '' using ($1+0.19):($7 > 0 ? $7 : 1/0) with boxes fc rgb '#f5d999' notitle, \\\n"
		" '' using ($1-0.19):($4+$5+3):(sprintf('%.2f',$4)) with labels font ',11' notitle, \\\n"
		" '' using ($1-0.19):($3/2):(sprintf('%.1f',$3)) with labels font ',11' notitle, \\\n"
		" '' using ($1-0.19):(($3+$4)/2):(sprintf('%.1f',$4-$3)) with labels font ',11' tc rgb 'white' notitle, \\\n"
		" '' using ($1+0.19):($6+3):(sprintf('%.0f',$6)) with labels font ',11' notitle, \\\n"
		" '' using ($1+0.19):($7 > 0 ? $7/2 : 1/0):(sprintf('%.0f',$7)) with labels font ',11' notitle, \\\n"
		" '' using ($1+0.19):($8 > 0 ? ($7+$8)/2 : 1/0):(sprintf('%.0f',$8-$7)) with labels font ',11' notitle\n");
	return page.script;
}
