/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep's figure as people see it: no text on another or beyond the page, however many curves. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "lab/campaign/sweep.h"
#include "lab/figures/crossing.h"
#include "lab/figures/gnuplot.h"
#include "lab/figures/labels.h"
#include "lab/figures/sweep_plot.h"
#include "run_suite.h"

#define SENDS                                                                                      \
	"[scenario]\ntitle = Latency of send() on a card\n[server]\ntype = host\n"                 \
	"[pci0]\ntype = pci\n[toe0]\ntype = toe\naddress = 10.0.0.1/24\n"                          \
	"[c]\ntype = peer\naddress = 10.0.0.2/24\n[lan]\ntype = network\nmembers = toe0, c\n"      \
	"[bench]\ntype = sendbench\npeer = c\nmessage = 800B\nfamily = toe\n"

/* --- a sweep with made-up numbers ------------------------------------------------------------- */

static void measure(struct record *record, const char *name, double value) {
	struct value v = {g_quark_from_string(name), value};

	g_array_append_val(record->values, v);
}

/* Curves that end close to each other; every 29th run failed. */
static void invent(struct sweep *sweep) {
	for (guint i = 0; i < sweep->runs->len; i++) {
		struct sweep_run *run = sweep->runs->pdata[i];

		run->record = record_new();
		measure(run->record, "type:sendbench.latency_us",
		        30 + 0.02 * i + 9 * (sweep_row(sweep, run->row)->point->at[1].number > 90));
		measure(run->record, "type:sendbench.latency_us_ci95", 1.5);
		if (i % 29 == 28)
			g_ptr_array_add(run->record->reasons, g_strdup("made up"));
	}
}

/* Planned only; the sweep is the last one that is. */
static struct sweep *planned(const char *says, char **vary, unsigned repeat) {
	g_autoptr(GString) bytes = g_string_new(says);
	g_autoptr(GError) error = NULL;
	static struct sweep_wanted wanted;
	static struct text *text;
	struct sweep *sweep;

	g_clear_pointer(&text, text_free);
	wanted = (struct sweep_wanted){
		.axes.vary = vary, .seed = 1, .repeat = repeat, .effect = 0.02};
	text = text_parse(bytes, "a.ini", &error);
	sweep = sweep_new(text, &wanted, &error);
	ck_assert_msg(sweep, "%s", error ? error->message : "");
	return sweep;
}

static struct sweep *swept(char **vary) {
	struct sweep *sweep = planned(SENDS, vary, 1);

	invent(sweep);
	return sweep;
}

/* --- what an SVG shows ------------------------------------------------------------------------ */

struct box {
	char *text;
	double left, right, top, bottom;
};

static void box_clear(gpointer data) { g_free(((struct box *)data)->text); }

static double number_behind(const char *at, const char *end, const char *name) {
	const char *found = g_strstr_len(at, end - at, name);

	return found ? g_ascii_strtod(found + strlen(name), NULL) : NAN;
}

/* An estimate of our own: letters of common fonts are half as wide as they are high. */
static struct box box_of(const char *group, const char *open, char *text) {
	double size = number_behind(group, open, "font-size=\"");
	const char *comma = strchr(strstr(group, "translate("), ',');
	double x = number_behind(group, open, "translate("), y = g_ascii_strtod(comma + 1, NULL);
	double width = 0.5 * size * (double)g_utf8_strlen(text, -1), before = 0;
	bool upright = g_strstr_len(group, open - group, "rotate(-90");

	if (g_strstr_len(group, open - group, "text-anchor=\"end\""))
		before = width;
	else if (g_strstr_len(group, open - group, "text-anchor=\"middle\""))
		before = width / 2;
	if (upright)
		return (struct box){text, x - 0.75 * size, x, y - width + before, y + before};
	return (struct box){text, x - before, x - before + width, y - 0.75 * size, y};
}

/* Of <g transform="translate(X,Y)" ... font-size="S" text-anchor="A"><text>TEXT</text></g> */
static GArray *boxes_of(const char *svg) {
	GArray *boxes = g_array_new(FALSE, FALSE, sizeof(struct box));

	g_array_set_clear_func(boxes, box_clear);
	for (const char *at = svg; (at = strstr(at, "<text>")); at++) {
		const char *group = g_strrstr_len(svg, at - svg, "<g transform"),
			   *from = at + strlen("<text>"), *to = strstr(from, "</text>");
		struct box box = box_of(group, at, g_strstrip(g_strndup(from, (gsize)(to - from))));

		g_array_append_val(boxes, box);
	}
	return boxes;
}

static bool overlap(const struct box *a, const struct box *b) {
	return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static void boxes_are_clear(const char *svg) {
	g_autoptr(GArray) boxes = boxes_of(svg);
	const char *page = strstr(svg, "viewBox=\"0 0 ");
	char *end;
	double width = g_ascii_strtod(page + strlen("viewBox=\"0 0 "), &end),
	       height = g_ascii_strtod(end, NULL);

	ck_assert_uint_gt(boxes->len, 5);
	for (guint i = 0; i < boxes->len; i++) {
		const struct box *a = &g_array_index(boxes, struct box, i);

		ck_assert_msg(a->left >= 0 && a->top >= 0 && a->right <= width &&
		                      a->bottom <= height,
		              "beyond the page: %s", a->text);
		for (guint j = 0; j < i; j++) {
			const struct box *b = &g_array_index(boxes, struct box, j);

			ck_assert_msg(!overlap(a, b), "'%s' (%g,%g) lies on '%s' (%g,%g)", a->text,
			              a->left, a->top, b->text, b->left, b->top);
		}
	}
}

static unsigned count(const char *text, gsize length, const char *word) {
	unsigned n = 0;

	for (const char *at = text; (at = g_strstr_len(at, (gssize)(text + length - at), word));
	     at++)
		n++;
	return n;
}

/* At most six in a panel, and all of them. */
static unsigned curves_of(const char *script) {
	unsigned all = 0;

	for (const char *at = script; (at = strstr(at, "\nplot ")); at++) {
		unsigned n = count(at, strcspn(at + 1, "\n") + 1, "$d");

		ck_assert_uint_le(n, 6);
		all += n;
	}
	return all;
}

/* Draws it; with SOPSIM_PICTURES=FOLDER to be looked at, too. */
static void looks_well(char **vary, unsigned curves, const char *name) {
	struct sweep *sweep = swept(vary);
	GString *script = sweep_plot(sweep), *svg;
	g_autoptr(GError) error = NULL;
	const char *folder = g_getenv("SOPSIM_PICTURES");

	ck_assert_uint_eq(curves_of(script->str), curves);
	svg = gnuplot_draw(script->str, PICTURE_SVG, &error);
	ck_assert_msg(svg, "%s", error ? error->message : "");
	if (folder) {
		g_autofree char *path = g_strdup_printf("%s/%s.svg", folder, name);

		g_file_set_contents(path, svg->str, (gssize)svg->len, NULL);
	}
	boxes_are_clear(svg->str);
	g_string_free(svg, TRUE);
	g_string_free(script, TRUE);
	sweep_free(sweep);
}

/* --- tests ------------------------------------------------------------------------------------ */

static const unsigned numbers[] = {1, 2, 3, 7, 24};

START_TEST(many_curves) {
	g_autoptr(GString) sizes = g_string_new("bench.message=");
	g_autofree char *name = g_strdup_printf("curves-%u", numbers[_i]);

	for (unsigned i = 1; i <= numbers[_i]; i++)
		g_string_append_printf(sizes, "%s%uB", i > 1 ? "," : "", 16 * i);
	looks_well((char *[]){(char *)"pci0.latency=10ns..10us log 25", sizes->str, NULL},
	           numbers[_i], name);
}
END_TEST

/* The next axis makes panels. */
START_TEST(hundred_curves) {
	looks_well((char *[]){(char *)"pci0.latency=10ns..10us log 13",
	                      (char *)"bench.message=1B,2B,4B,8B,16B,32B,64B,128B,256B,512B",
	                      (char *)"bench.sends=10,20,30,40,50,60,70,80,90,100", NULL},
	           100, "curves-100");
}
END_TEST

START_TEST(three_axes) {
	looks_well((char *[]){(char *)"pci0.latency=10ns..10us log 7",
	                      (char *)"bench.message=1B,64B,1KiB,4KiB",
	                      (char *)"toe0.kind=interrupt,polling", (char *)"pci0.width=32,64",
	                      NULL},
	           16, "three-axes");
}
END_TEST

/* Names that are as long as a user likes, of curves and along the axis. */
START_TEST(long_names) {
	looks_well(
		(char *[]){
			(char *)"pci0.latency=10ns,1us",
			(char *)"pci0.width,bench.message=a_message_of_the_size_that_the_paper_may_have_had=32,256B;"
				"another_one_that_is_larger_than_what_fits_into_one_segment=64,4KiB",
			NULL},
		2, "long-names");
	looks_well(
		(char *[]){
			(char *)"pci0.width,bench.message=a_message_of_the_size_that_the_paper_may_have_had=32,256B;"
				"another_one_that_is_larger_than_what_fits_into_one_segment=64,4KiB;"
				"a_third_of_them=32,3B;and_a_fourth_one=32,5B;fifth=64,6B",
			(char *)"toe0.kind=interrupt,polling", NULL},
		2, "long-words");
}
END_TEST

/* A cloud lies along the range that its numbers follow. */
START_TEST(what_matters_most) {
	static struct sweep_wanted wanted;
	g_autoptr(GString) says = g_string_new(SENDS);
	struct text *text = text_parse(says, "a.ini", NULL);
	g_autoptr(GError) error = NULL;
	struct sweep *sweep;
	GString *script;

	wanted = (struct sweep_wanted){.axes.vary =
	                                       (char *[]){(char *)"pci0.latency=1us..2us",
	                                                  (char *)"bench.message=100B..900B",
	                                                  (char *)"lan.propagation=1us..9us", NULL},
	                               .axes.sample = 20,
	                               .seed = 1,
	                               .repeat = 1};
	sweep = sweep_new(text, &wanted, &error);
	ck_assert_msg(sweep, "%s", error ? error->message : "");
	for (guint i = 0; i < sweep->runs->len; i++) {
		struct sweep_run *run = sweep->runs->pdata[i];
		const struct point *point = sweep_row(sweep, run->row)->point;

		run->record = record_new();
		measure(run->record, "type:sendbench.latency_us",
		        90 - point->at[1].number / 20 + i % 3);
	}
	script = sweep_plot(sweep);
	ck_assert_ptr_nonnull(strstr(script->str, "of \\063 ranges bench\\056message matters most "
	                                          "\\050correlation \\055"));
	ck_assert_ptr_null(strstr(script->str, "with linespoints"));
	g_string_free(script, TRUE);
	sweep_free(sweep);
	text_free(text);
}
END_TEST

/* Between words there is nothing to draw a line through. */
START_TEST(words_are_not_joined) {
	struct sweep *words = planned(
		SENDS,
		(char *[]){(char *)"toe0.kind=interrupt,polling", (char *)"pci0.latency=1us", NULL},
		1);
	GString *script;

	invent(words);
	script = sweep_plot(words);
	ck_assert_ptr_nonnull(strstr(script->str, "with points"));
	ck_assert_ptr_null(strstr(script->str, "with linespoints"));
	g_string_free(script, TRUE);
	sweep_free(words);
}
END_TEST

/* --- crossings -------------------------------------------------------------------------------- */

#define BOTH                                                                                       \
	"[config a]\nlabel = without\n[config b]\nlabel = with\nagainst = a\npci0.width = 32\n[experiment e]\nconfigs = a, b\n"

/* 10 us without cards, base + step for each of the bus's with them; what a seed does is the same in both. */
static struct sweep *compared(double base, double step) {
	struct sweep *sweep =
		planned(SENDS BOTH, (char *[]){(char *)"pci0.latency=1us,2us,3us,5us", NULL}, 3);

	for (guint i = 0; i < sweep->runs->len; i++) {
		struct sweep_run *run = sweep->runs->pdata[i];
		const struct sweep_row *row = sweep_row(sweep, run->row);
		bool cards = g_str_equal(row->config, "b");

		run->record = record_new();
		measure(run->record, "type:sendbench.latency_us",
		        (double)run->seed +
		                (cards ? base + step * 1e6 * row->point->at[0].number : 10));
	}
	return sweep;
}

static const struct {
	double base, step;
	const char *text;
} crossed[] = {
	{4, 2.4,
         "send_latency_us: with pays below pci0.latency = 2.5us (95 %: 2.5us to 2.5us) "
         "against without"},
	{8, 2.4,
         "send_latency_us: with never pays, 3.33 to 83.3 % worse, against without, "
         "pci0.latency = 1us to 5us"},
	{-20, 2.4,
         "send_latency_us: with always pays, 150 to 230 % better, against without, "
         "pci0.latency = 1us to 5us"},
	{10, 0,
         "send_latency_us: with makes no difference that is sure against without, "
         "pci0.latency = 1us to 5us"},
	/* 0.12 to 0.2 of 12 us */
	{9.9, -0.02,
         "send_latency_us: with makes no difference worth naming (at most 1.7 %) against "
         "without, pci0.latency = 1us to 5us"},
	/* 5, 4, 3 and 1 % better: 2 % at 4 us */
	{9.28, 0.12,
         "send_latency_us: with pays below pci0.latency = 4us (95 %: 4us to 4us) against "
         "without; beyond, the difference is below 2 %"},
	{10.72, -0.12,
         "send_latency_us: with is worse below pci0.latency = 4us (95 %: 4us to 4us) against "
         "without; beyond, the difference is below 2 %"},
};

/* Interpolated, of differences of pairs, marked in the figure and told below it with all their numbers. */
START_TEST(crossings) {
	struct sweep *sweep = compared(crossed[_i].base, crossed[_i].step);
	struct space *space = space_new(sweep);
	g_autoptr(GArray) found = crossings_new(space);
	GString *script = sweep_plot(sweep);
	bool told = false;

	for (guint i = 0; i < found->len; i++) {
		const struct crossing *c = &g_array_index(found, struct crossing, i);
		g_autofree char *text = crossing_text(space, c);

		if (!g_str_equal(c->column->name, "send_latency_us"))
			continue;
		ck_assert_str_eq(text, crossed[_i].text);
		told = true;
	}
	ck_assert(told);
	ck_assert_uint_eq(count(script->str, script->len, "nohead lc rgb c2 lw 1 back"),
	                  _i == 0 || _i > 4);
	ck_assert_uint_eq(count(script->str, script->len, "\u2026"), 0);
	g_string_free(script, TRUE);
	space_free(space);
	sweep_free(sweep);
}
END_TEST

/* --- labels and paper ------------------------------------------------------------------------- */

START_TEST(apart) {
	struct label labels[] = {{50, 0}, {50, 0}, {49, 0}, {99, 0}, {0, 0}};

	labels_place(labels, G_N_ELEMENTS(labels), 10, 0, 100);
	for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
		ck_assert_double_ge(labels[i].at, 5);
		ck_assert_double_le(labels[i].at, 95);
		for (guint j = 0; j < i; j++)
			ck_assert_double_ge(fabs(labels[i].at - labels[j].at), 10);
	}
	ck_assert_double_lt(labels[0].at, labels[1].at);
	ck_assert_double_lt(labels[2].at, labels[0].at);
}
END_TEST

START_TEST(cut) {
	g_autofree char *whole = label_cut("as it is", 10, 48),
			*less = label_cut("äbcdefghij", 10, 42);

	ck_assert_str_eq(whole, "as it is");
	ck_assert_str_eq(less, "äbc…hij");
	ck_assert_double_le(label_width(less, 10), 42);
}
END_TEST

/* Nothing is left out, and a word that is too long stands alone. */
START_TEST(lines) {
	g_auto(GStrv) one = label_lines("as it is", 10, 48), none = label_lines("", 10, 48),
		      many = label_lines("as it is, unbreakable and so", 10, 48);
	g_autofree char *text = g_strjoinv("|", many);

	ck_assert_uint_eq(g_strv_length(one), 1);
	ck_assert_str_eq(*one, "as it is");
	ck_assert_uint_eq(g_strv_length(none), 1);
	ck_assert_str_eq(text, "as it|is,|unbreakable|and so");
}
END_TEST

/* The same picture has the same bytes, a day later too. */
START_TEST(paper_has_no_date) {
	GString *pdf = gnuplot_draw("plot x\n", PICTURE_PDF, NULL);

	ck_assert_ptr_nonnull(pdf);
	ck_assert(g_str_has_prefix(pdf->str, "%PDF"));
	ck_assert_ptr_nonnull(memmem(pdf->str, pdf->len, "/CreationDate (D:20000101000000", 31));
	g_string_free(pdf, TRUE);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("plot");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, many_curves, 0, (int)G_N_ELEMENTS(numbers));
	tcase_add_test(tc, hundred_curves);
	tcase_add_test(tc, three_axes);
	tcase_add_test(tc, long_names);
	tcase_add_test(tc, words_are_not_joined);
	tcase_add_test(tc, what_matters_most);
	tcase_add_loop_test(tc, crossings, 0, (int)G_N_ELEMENTS(crossed));
	tcase_add_test(tc, apart);
	tcase_add_test(tc, cut);
	tcase_add_test(tc, lines);
	tcase_add_test(tc, paper_has_no_date);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
