/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart: what happened in one system call, or between two dates, as a picture. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/folder.h"
#include "lab/base/interrupt.h"
#include "lab/campaign/plan.h"
#include "lab/chart/pdf.h"
#include "lab/chart/view.h"
#include "lab/commands/chart_option.h"
#include "lab/commands/commands.h"

/* What a run tells at most: some 400 MB. */
#define TAPE_MOST 6000000
/* A frame that is lost is known by who has not seen it so long after. */
#define LOST_AFTER SIM_S
/* Bars of a page that somebody reads. */
#define BARS_MOST 600

struct options {
	char *experiment, *config, *out, *call, *from, *to, *view;
	char **sets;
	gint64 seed, offered; /* a load point; 0: none given */
	int rows;
	gboolean list, untrusted;
	/* as understood */
	enum chart_view how;
	sim_time start, end;
	char *name;   /* of the call; NULL: of any */
	unsigned nth; /* 0: --from and --to */
	/* while it runs */
	const char *file;
	struct tape *tape;
	struct sim_event enough; /* what is shown is over */
	struct scene *scene;
	struct layout *layout; /* NULL: nothing is drawn */
	bool done;
	GError *error;
};

static bool refused(struct options *o, const char *option, const char *what, const char *allowed) {
	g_set_error(&o->error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s; allowed: %s", option, what,
	            allowed);
	return false;
}

/* --- what is wanted --------------------------------------------------------------------------- */

static bool take_time(struct options *o, const char *option, const char *text, sim_time *time) {
	const char *why = "";
	g_autofree char *what = NULL;
	double ps;

	if (!text || (quantity_number(VALUE_TIME, text, &ps, &why) && ps >= 0)) {
		*time = text ? (sim_time)ps : *time;
		return true;
	}
	what = g_strdup_printf("%s in '%s'", *why ? why : "less than nothing", text);
	return refused(o, option, what, "a date such as 10ms");
}

/* "417", "send" or "send:3". */
static bool take_call(struct options *o) {
	g_auto(GStrv) parts = g_strsplit(o->call, ":", 2);
	bool number = g_ascii_isdigit(*parts[0]);
	const char *nth = number ? parts[0] : parts[1];
	char *end = NULL;
	guint64 n = nth ? g_ascii_strtoull(nth, &end, 10) : 1;

	if (!*parts[0] || (number && parts[1]) || (nth && (*end || !*nth)) || n < 1 ||
	    n > G_MAXUINT)
		return refused(o, "--call", "names no call", "a number from 1, send, or send:3");
	o->name = number ? NULL : g_strdup(parts[0]);
	o->nth = (unsigned)n;
	return true;
}

static bool understood(struct options *o) {
	o->end = SIM_NEVER;
	if (o->view && !g_str_equal(o->view, "place") && !g_str_equal(o->view, "context"))
		return refused(o, "--view", "is none", "place or context");
	o->how = (o->view ? g_str_equal(o->view, "context") : !o->call) ? CHART_CONTEXT
	                                                                : CHART_PLACE;
	if (o->call && (o->from || o->to))
		return refused(o, "--call", "has dates of its own",
		               "one of --call and --from, --to");
	if (!o->call && !o->from && !o->to && !o->list)
		return refused(o, "--call", "missing: what is the chart of?",
		               "--call, or --from and --to; --list shows the calls");
	if (o->rows < 1 || o->rows > BARS_MOST)
		return refused(o, "--rows", "is out of range", "1 to 600");
	if ((o->call && !take_call(o)) || !take_time(o, "--from", o->from, &o->start) ||
	    !take_time(o, "--to", o->to, &o->end))
		return false;
	return o->start < o->end || refused(o, "--to", "is not behind --from", "a later date");
}

/* --- the picture ------------------------------------------------------------------------------ */

static void list_calls(const struct tape *tape) {
	const struct tape_span *call;

	printf("%8s  %14s  %12s  %-20s %s\n", "call", "at, us", "takes, us", "task", "name");
	for (unsigned n = 1; (call = chart_call(tape, NULL, n)); n++)
		printf("%8u  %14.3f  %12.3f  %-20s %s\n", n, sim_to_us(call->start),
		       sim_to_us(call->end - call->start), call->track->name, call->name);
}

static void name_scene(struct scene *scene, const struct options *o, const struct tape_span *call) {
	g_autofree char *at = chart_time(scene->from), *took = chart_time(scene->to - scene->from);
	g_autofree char *file = g_path_get_basename(o->file);

	scene->title =
		call ? g_strdup_printf("%s() of %s takes %s", call->name, call->track->name, took)
		     : g_strdup_printf("%s of %s", took, file);
	scene->note = g_strdup_printf(
		"From %s on. Columns are %s, colours are layers, time runs down: not to scale, bars are as "
		"high as their names.",
		at, o->how == CHART_PLACE ? "places, from program to wire" : "who works");
	/* Not where it lies: the same chart of the same scenario anywhere. */
	scene->foot = g_strdup_printf("sopsim chart %s, seed %" G_GINT64_FORMAT, file, o->seed);
}

static bool draw(struct options *o, const struct tape_span *call) {
	sim_time from = call ? call->start : o->start, to = call ? call->end : o->end;
	struct scene *scene = chart_scene(o->tape, o->how, from, to, call);
	guint bars;

	scene_finish(scene, (guint)o->rows);
	bars = scene->bars->len;
	name_scene(scene, o, call);
	o->scene = scene;
	if (bars && bars <= BARS_MOST)
		o->layout = layout_new(scene);
	if (!bars)
		return refused(o, "--from", "nothing happens there",
		               "dates at which somebody works");
	return bars <= BARS_MOST ||
	       refused(o, "--to", "more than 600 bars in one picture", "a shorter time");
}

static void finish(struct options *o) {
	const struct tape_span *call = o->nth ? chart_call(o->tape, o->name, o->nth) : NULL;

	tape_stop(o->tape);
	o->end = MIN(o->end, sim_now(o->tape->sim));
	if (o->list)
		list_calls(o->tape);
	else if (o->nth && !call)
		refused(o, "--call", "there are not so many",
		        "a call that --list shows, finished before the run ends");
	else
		draw(o, call);
	if (o->tape->full)
		fprintf(stderr,
		        "%s: warning: the run told more than can be kept: its end is missing\n",
		        g_get_prgname());
	g_clear_pointer(&o->tape, tape_free);
	o->done = true;
}

static void stop(void *arg) {
	struct options *o = arg;
	struct sim *sim = o->tape->sim;

	finish(o);
	sim_stop(sim);
}

/* Whose end is known need not be run further. */
static void begin(struct world *world, void *arg) {
	struct options *o = arg;
	sim_time last = o->end == SIM_NEVER ? o->end : o->end + LOST_AFTER;

	o->tape = tape_new(world->sim, o->start, o->end, last, TAPE_MOST);
	if (last == SIM_NEVER)
		return;
	sim_event_init(&o->enough, stop, o);
	sim_at(world->sim, &o->enough, last);
}

static void end(struct world *world, struct measures *m, void *arg) {
	struct options *o = arg;

	(void)world, (void)m;
	if (o->tape)
		finish(o);
}

/* --- the run ---------------------------------------------------------------------------------- */

static bool write_svg(struct options *o) {
	GString *svg = chart_svg(o->layout);
	g_autoptr(GError) why = NULL;

	if (!output_put(o->out, svg->str, (gssize)svg->len, &why))
		g_set_error(
			&o->error, LAB_ERROR, LAB_ERROR_INPUT,
			"--out: %s: cannot be written: %s; allowed: a file in a folder that there is",
			o->out, g_strerror(errno));
	g_string_free(svg, TRUE);
	return !o->error;
}

static bool write_chart(struct options *o) {
	if (!o->layout)
		return true;
	return g_str_has_suffix(o->out, ".pdf") ? chart_pdf(o->layout, o->out, &o->error)
	                                        : write_svg(o);
}

static bool run_text(struct options *o, const struct text *text) {
	struct run_spec *spec = run_spec_new("chart", text, (uint64_t)o->seed);
	g_autoptr(GError) why = NULL;
	struct measures *m;

	spec->before = begin;
	spec->after = end;
	spec->arg = o;
	m = run_here(spec, &why);
	run_spec_free(spec);
	g_clear_pointer(&m, measures_free);
	/* Who is stopped in the middle need not have worked. */
	if (!o->done && !o->error)
		o->error = g_steal_pointer(&why);
	return !o->error;
}

static bool chart_file(struct options *o) {
	struct text *base = text_load_from(o->file, o->untrusted, &o->error);
	struct plan *plan =
		base ? plan_of(base, o->sets, "", NULL, false, (uint64_t)o->seed, &o->error) : NULL;
	struct text *text = plan ? plan_text(plan, o->experiment, o->config, &o->error) : NULL;
	bool good = text && plan_load(plan, o->experiment, (unsigned)o->offered, text, &o->error) &&
	            run_text(o, text);

	g_clear_pointer(&text, text_free);
	g_clear_pointer(&plan, plan_free);
	g_clear_pointer(&base, text_free);
	return good;
}

static void clear(struct options *o) {
	g_strfreev(o->sets);
	g_free(o->experiment);
	g_free(o->config);
	g_free(o->out);
	g_free(o->call);
	g_free(o->from);
	g_free(o->to);
	g_free(o->view);
	g_free(o->name);
	g_clear_error(&o->error);
	g_clear_pointer(&o->layout, layout_free);
	g_clear_pointer(&o->scene, scene_free);
}

GString *chart_of_call(const char *file, const char *config, char **sets, uint64_t seed,
                       const char *call, GError **error) {
	struct options o = {.seed = (gint64)seed, .rows = 70, .file = file};
	GString *svg = NULL;

	o.experiment = g_strdup("table1");
	o.config = g_strdup(config);
	o.sets = g_strdupv(sets);
	o.call = g_strdup(call);
	if (understood(&o) && chart_file(&o))
		svg = chart_svg(o.layout);
	else
		g_propagate_error(error, g_steal_pointer(&o.error));
	clear(&o);
	return svg;
}

int command_chart(int argc, char **argv) {
	struct options o = {.seed = 1, .rows = 70};
	const GOptionEntry entries[] = {
		COMMAND_SET(&o.sets),
		{"call", 0, 0, G_OPTION_ARG_STRING, &o.call,
	         "Of this system call: the 417th, the first send, the third send",
	         "417|send|send:3"},
		{"from", 0, 0, G_OPTION_ARG_STRING, &o.from, "From this date on (0s)", "TIME"},
		{"to", 0, 0, G_OPTION_ARG_STRING, &o.to, "Up to that (the end of the run)", "TIME"},
		{"view", 0, 0, G_OPTION_ARG_STRING, &o.view,
	         "Columns are layers and devices, or who works (place for --call, else context)",
	         "place|context"},
		{"rows", 0, 0, G_OPTION_ARG_INT, &o.rows,
	         "Put neighbours together where there are more bars (70)", "N"},
		{"list", 0, 0, G_OPTION_ARG_NONE, &o.list, "List the system calls, draw nothing",
	         NULL},
		COMMAND_CONFIG(&o.config),
		COMMAND_EXPERIMENT(&o.experiment),
		COMMAND_OFFERED(&o.offered),
		COMMAND_SEED(&o.seed),
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &o.out,
	         "The picture: FILE.svg, or FILE.pdf for paper (chart.svg)", "FILE"},
		COMMAND_UNTRUSTED(&o.untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(
		    &argc, &argv, entries, "FILE [OPTION...]",
		    "Draws who did what when, in one system call or between two dates, as SVG or PDF.\n"
		    "Example: sopsim chart scenarios/lessons/03-accept-on-three-stacks.ini "
		    "--call accept --view context",
		    1, 1) &&
	    command_seed(o.seed) && command_number("--offered", o.offered, 0, G_MAXUINT32)) {
		o.file = argv[1];
		if (!o.out)
			o.out = g_strdup("chart.svg");
		interrupt_take();
		status = understood(&o) && chart_file(&o) && write_chart(&o)
		                 ? EXIT_DONE
		                 : lab_error_report(o.error);
		interrupt_release();
		if (status == EXIT_DONE && !o.list)
			printf("%s\n", o.out);
	}
	clear(&o);
	return status;
}
