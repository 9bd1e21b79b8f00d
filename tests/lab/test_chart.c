/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sequence charts: whatever happens, everything is on the page once, in the order of time, and no text lies on
 * another.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/chart/layout.h"
#include "lab/chart/view.h"
#include "lab/figures/layers.h"
#include "run_suite.h"

static uint64_t state;

static unsigned any(unsigned n) {
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(state >> 33) % n;
}

/* Work that one processor, a bus and a card do, in lengths from nanoseconds to milliseconds, with sleep and
 * messages. */
static struct scene *invented(uint64_t seed, guint bars) {
	static const char *const names[] = {"syscall", "tcp_tx_segment",
	                                    "a name that is far too long to be shown"};
	struct scene *s = scene_new(0, SIM_S);
	guint columns[6];
	sim_time now[6] = {0};

	state = seed;
	for (guint i = 0; i < 6; i++) {
		g_autofree char *title = g_strdup_printf("column %u", i);

		columns[i] =
			scene_column(s, 6 - i, title, i % 2 ? "a note" : "", any(LAYER_LOOKS - 1));
	}
	for (guint i = 0; i < bars; i++) {
		guint c = any(5);
		sim_time gap = any(2) ? 0 : (sim_time)any(1000) << any(20);
		sim_time length = 1 + ((sim_time)any(1000) << any(22));
		struct chart_bar bar = {.column = columns[c],
		                        .start = now[c] + gap,
		                        .end = now[c] + gap + length,
		                        .look = any(LAYER_LOOKS - 1),
		                        .waits = any(8) == 0,
		                        .spans = 1};
		struct chart_arrow arrow = {columns[c], columns[any(6)],
		                            bar.end,    bar.end + any(3) * 700 * SIM_NS,
		                            NULL,       any(4)};

		scene_bar(s, bar, names[any(3)]);
		if (any(3) == 0)
			scene_arrow(s, arrow, any(2) ? "doorbell" : "");
		now[c] = bar.end;
	}
	s->title = g_strdup("title");
	s->note = g_strdup("note");
	s->foot = g_strdup("foot");
	return s;
}

static guint spans_of(const struct scene *s) {
	guint spans = 0;

	for (guint i = 0; i < s->bars->len; i++)
		spans += scene_bar_nth(s, i)->spans;
	return spans;
}

static void check_text(const struct layout *l, guint i) {
	const struct chart_text *t = &g_array_index(l->texts, struct chart_text, i);

	ck_assert_double_ge(t->x, 0);
	ck_assert_double_le(t->x + t->width, l->width);
	ck_assert_double_ge(t->y - t->font * 0.6, 0);
	ck_assert_double_le(t->y + t->font * 0.6, l->height);
	for (guint k = 0; k < i; k++) {
		const struct chart_text *o = &g_array_index(l->texts, struct chart_text, k);
		bool beside = t->x >= o->x + o->width + 4 || o->x >= t->x + t->width + 4;

		if (!beside && fabs(t->y - o->y) < 0.599 * (t->font + o->font))
			ck_abort_msg("'%s' lies on '%s'", t->text, o->text);
	}
}

static guint count(const char *text, const char *word) {
	guint n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

/* Dates go down the page; a bar has room for its name. */
static void check_dates(const struct layout *l) {
	const struct scene *s = l->scene;

	for (guint i = 1; i < l->dates->len; i++)
		ck_assert_double_ge(l->at[i], l->at[i - 1]);
	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		double top = layout_y(l, bar->start), bottom = layout_y(l, bar->end);

		ck_assert_double_ge(top, l->top);
		ck_assert_double_le(bottom, l->bottom);
		if (bar->end - bar->start > 2 * SIM_NS)
			ck_assert_double_ge(bottom - top, CHART_ROW - 1e-9);
	}
}

/* All of it is on pages once, and what stands below the columns on one. */
static void check_pages(const struct layout *l) {
	const double height = 900;
	g_autoptr(GArray) pages = layout_pages(l, height);
	double from = CHART_HEAD;

	for (guint i = 0; i < pages->len; i++) {
		const struct chart_page *page = &g_array_index(pages, struct chart_page, i);
		GString *svg = chart_page_svg(l, pages, i, height);

		ck_assert_double_eq(page->from, from);
		ck_assert_double_gt(page->to, page->from);
		ck_assert_double_le(CHART_HEAD + page->to - page->from, height);
		from = page->to;
		ck_assert(i == pages->len - 1 || from <= l->bottom);
		ck_assert_uint_eq(count(svg->str, " of "), pages->len > 1);
		g_string_free(svg, TRUE);
	}
	ck_assert_double_eq(from, l->height);
	for (guint i = 0; i < l->texts->len; i++) {
		const struct chart_text *t = &g_array_index(l->texts, struct chart_text, i);
		bool whole = t->y < CHART_HEAD;

		for (guint p = 0; p < pages->len; p++) {
			const struct chart_page *page = &g_array_index(pages, struct chart_page, p);

			whole = whole || (t->y - t->font * 0.5 >= page->from &&
			                  t->y + t->font * 0.5 <= page->to);
		}
		ck_assert_msg(whole, "'%s' is cut in two", t->text);
	}
}

static const guint sizes[] = {1, 7, 40, 69, 200, 600};

START_TEST(whatever_happens) {
	for (uint64_t seed = 1; seed <= (sizes[_i] > 100 ? 2 : 20); seed++) {
		struct scene *s = invented(seed, sizes[_i]);
		guint spans = spans_of(s);
		struct layout *l;
		GString *svg;

		scene_finish(s, 70);
		/* But for columns of those that only sleep. */
		ck_assert_uint_le(spans - spans_of(s), 2);
		l = layout_new(s);
		check_dates(l);
		for (guint i = 0; i < l->texts->len; i++)
			check_text(l, i);
		check_pages(l);
		svg = chart_svg(l);
		ck_assert_uint_eq(count(svg->str, "data-spans="), s->bars->len);
		ck_assert_uint_eq(count(svg->str, "not to scale"), l->cuts->len);
		g_string_free(svg, TRUE);
		layout_free(l);
		scene_free(s);
	}
}
END_TEST

/* Neighbours of a name, then of a layer, then all. */
START_TEST(fewer_bars) {
	static const guint rows[] = {70, 3, 1}, left[] = {4, 3, 1};
	static const char *const names[] = {"a", "a, b", "a, b \u2026"};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct scene *s = scene_new(0, SIM_S);
		guint column = scene_column(s, 0, "it", "", 0);
		const char *const bars[] = {"a", "a", "b", "c", "d"};
		const size_t looks[] = {1, 1, 1, 2, 3};

		for (guint b = 0; b < 5; b++)
			scene_bar(s,
			          (struct chart_bar){.column = column,
			                             .start = b * SIM_US,
			                             .end = (b + 1) * SIM_US,
			                             .look = looks[b],
			                             .spans = 1},
			          bars[b]);
		scene_finish(s, rows[i]);
		ck_assert_uint_eq(s->bars->len, left[i]);
		ck_assert_str_eq(scene_bar_nth(s, 0)->name, names[i]);
		ck_assert_uint_eq(spans_of(s), 5);
		ck_assert(!scene_bar_nth(s, 0)->stripes == (i < 2));
		scene_free(s);
	}
}
END_TEST

/* toe2 comes before toe10. */
START_TEST(columns_by_their_numbers) {
	static const char *const titles[] = {"toe10", "toe0", "toe9", "toe2"};
	static const char *const sorted[] = {"toe0", "toe2", "toe9", "toe10"};
	struct scene *s = scene_new(0, SIM_S);

	for (guint i = 0; i < G_N_ELEMENTS(titles); i++) {
		struct chart_bar bar = {.column = scene_column(s, 0, titles[i], "card", 0),
		                        .start = i * SIM_US,
		                        .end = (i + 1) * SIM_US,
		                        .spans = 1};

		scene_bar(s, bar, "work");
	}
	scene_finish(s, 70);
	ck_assert_uint_eq(s->columns->len, G_N_ELEMENTS(sorted));
	for (guint i = 0; i < G_N_ELEMENTS(sorted); i++)
		ck_assert_str_eq(scene_column_nth(s, i)->title, sorted[i]);
	scene_free(s);
}
END_TEST

/* What takes long is cut and told; the dates after a long cut begin anew. */
START_TEST(long_quiet_is_cut) {
	struct scene *s = scene_new(0, SIM_S);
	guint column = scene_column(s, 0, "it", "", 0);
	struct layout *l;
	GString *svg;

	for (guint b = 0; b < 8; b++)
		scene_bar(
			s,
			(struct chart_bar){.column = column,
		                           .start = b * SIM_US + (b > 3) * 9 * SIM_MS,
		                           .end = b * SIM_US + (b > 3) * 9 * SIM_MS + 500 * SIM_NS,
		                           .spans = 1},
			"work");
	s->title = g_strdup("t");
	s->note = g_strdup("n");
	s->foot = g_strdup("f");
	scene_finish(s, 70);
	l = layout_new(s);
	ck_assert_uint_eq(l->cuts->len, 1);
	svg = chart_svg(l);
	ck_assert_ptr_nonnull(strstr(svg->str, ">9.00 ms not to scale<"));
	ck_assert_ptr_nonnull(strstr(svg->str, ">9.00 ms<"));
	ck_assert_ptr_nonnull(strstr(svg->str, ">+500 ns<"));
	g_string_free(svg, TRUE);
	layout_free(l);
	scene_free(s);
}
END_TEST

START_TEST(times) {
	static const struct {
		sim_time time;
		const char *text;
	} cases[] = {
		{0, "0 ps"},
		{999, "999 ps"},
		{15 * SIM_NS, "15 ns"},
		{SIM_US, "1.00 us"},
		{33716 * SIM_NS, "33.7 us"},
		{207300 * SIM_NS, "207 us"},
		{3 * SIM_S, "3.00 s"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = chart_time(cases[i].time);

		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("chart");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, whatever_happens, 0, (int)G_N_ELEMENTS(sizes));
	tcase_add_test(tc, fewer_bars);
	tcase_add_test(tc, columns_by_their_numbers);
	tcase_add_test(tc, long_quiet_is_cut);
	tcase_add_test(tc, times);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
