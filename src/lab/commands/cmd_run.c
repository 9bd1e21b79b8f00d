/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reproduce, run: a scenario goes in, results come out. */
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/folder.h"
#include "lab/base/interrupt.h"
#include "lab/base/place.h"
#include "lab/campaign/about.h"
#include "lab/campaign/watch.h"
#include "lab/commands/chart_option.h"
#include "lab/commands/commands.h"
#include "lab/commands/follow_option.h"
#include "lab/commands/report_option.h"
#include "lab/commands/series_option.h"
#include "lab/commands/trace_option.h"
#include "lab/figures/answer.h"
#include "lab/figures/json.h"
#include "lab/figures/paper_files.h"
#include "lab/figures/results.h"
#include "lab/figures/summary.h"
#include "lab/kinds/parts.h"
#include "lab/scenario/reach.h"
#include "lab/world/captures.h"
#include "lab/world/verdict.h"

static double seconds_since(gint64 start) { return (double)(g_get_monotonic_time() - start) / 1e6; }

/* --- reproduce ---------------------------------------------------------------------------------
 */

static bool stage_report(const struct plan *plan, struct results *results, GError **error) {
	g_autofree struct json_run *runs = g_new0(struct json_run, plan->items->len);

	for (guint i = 0; i < plan->items->len; i++) {
		const struct run_spec *spec = plan->specs->pdata[i];

		runs[i] = (struct json_run){spec->name,
		                            g_array_index(plan->items, struct plan_item, i).m};
	}
	return results_stage_string(results, "run.json",
	                            json_report(plan->sc, NULL,
	                                        plan->quick ? "reproduce --quick" : "reproduce",
	                                        plan->seed, runs, plan->items->len),
	                            error) &&
	       results_stage_string(results, ABOUT_FILE, about_json(NULL, 0), error);
}

/* What the page of a reproduction shows of single calls, each of a few. */
static const struct {
	const char *name, *config;
} paper_charts[] = {{"chart-send-1-nic", "leg_sop"}, {"chart-send-2-card", "offload_sop"}};

/* Staged, or, if they are not wanted, gone with the next commit: they would be of another run. */
static bool stage_charts(const char *file, char **sets, uint64_t seed, bool wanted,
                         struct results *results, GError **error) {
	static const char *const few[] = {"bench.sends=5", "bench.repetitions=1", "bench.gap=10ms",
	                                  NULL};
	g_autoptr(GStrvBuilder) all = g_strv_builder_new();
	g_auto(GStrv) these = NULL;
	bool good = true;

	if (sets)
		g_strv_builder_addv(all, (const char **)sets);
	g_strv_builder_addv(all, (const char **)few);
	these = g_strv_builder_end(all);
	for (size_t i = 0; good && i < G_N_ELEMENTS(paper_charts); i++) {
		g_autofree char *svg = g_strconcat(paper_charts[i].name, ".svg", NULL);
		GString *chart = NULL;

		results_outdate_figure(results, paper_charts[i].name);
		if (!wanted)
			continue;
		chart = chart_of_call(file, paper_charts[i].config, these, seed, "send", error);
		good = chart && results_stage_string(results, svg, chart, error);
	}
	return good;
}

static void print_paper(const struct plan *plan, const char *out, gint64 start, bool json) {
	struct answer *answer;

	if (!json) {
		paper_print(plan);
		printf("\n%.1f s; files in %s\n", seconds_since(start), out);
		return;
	}
	answer = answer_new("reproduce", plan->text->file, plan->seed);
	answer_judged_plan(answer, plan);
	paper_answer(plan, answer);
	answer_print(answer);
}

/* EXIT_CHECK_FAILED: all is written but a figure. */
static int reproduce(const char *file, const char *out, bool quick, unsigned jobs, uint64_t seed,
                     char **sets, bool report, bool json, GError **error) {
	gint64 start = g_get_monotonic_time();
	struct plan *plan = plan_new(file, sets, NULL, NULL, quick, seed, error);
	struct results *results = plan ? results_open("--out", out, error) : NULL;
	GPtrArray *watches = plan ? watch_plan(plan) : NULL;
	bool good = results && plan_run(plan, jobs, error) && paper_files(plan, results, error) &&
	            stage_report(plan, results, error) &&
	            stage_charts(file, sets, seed, report, results, error) &&
	            results_commit(results, error) && paper_draw(plan, results, error);
	int status = good && results_undrawn(results) ? EXIT_CHECK_FAILED : EXIT_DONE;

	g_clear_pointer(&results, results_close);
	interrupt_release();
	if (good) {
		print_paper(plan, out, start, json);
		if (plan_verdict(plan, NULL))
			status = EXIT_CHECK_FAILED;
	}
	g_clear_pointer(&watches, g_ptr_array_unref);
	g_clear_pointer(&plan, plan_free);
	return good ? status : lab_error_report(*error);
}

static bool good_repeat(int repeat, bool quick) {
	if (repeat && quick)
		fprintf(stderr,
		        "%s: --repeat: short runs have one seed; allowed: one of --quick and --repeat\n",
		        g_get_prgname());
	return repeat == 0 || (!quick && command_number("--repeat", repeat, 1, 1000));
}

/* What --set says, and --repeat as --set would say it. */
static char **with_repeat(char **sets, int repeat) {
	static const char *const experiments[] = {"table1", "fig5", "fig6"};
	unsigned n = sets ? g_strv_length(sets) : 0;

	sets = g_renew(char *, sets, n + G_N_ELEMENTS(experiments) + 1);
	for (unsigned i = 0; i < G_N_ELEMENTS(experiments); i++)
		sets[n++] = g_strdup_printf("%s.repeat=%d", experiments[i], repeat);
	sets[n] = NULL;
	return sets;
}

int command_reproduce(int argc, char **argv) {
	gboolean quick = FALSE, report = FALSE, json = FALSE;
	int status, jobs = (int)run_default_jobs();
	gint64 seed = 1;
	int repeat = 0; /* as the scenario says */
	g_auto(GStrv) sets = NULL;
	g_autofree char *out = NULL, *file = place_scenario("paper.ini");
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		COMMAND_SET(&sets),
		{"quick", 0, 0, G_OPTION_ARG_NONE, &quick, "Shorter runs, fewer points", NULL},
		{"jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "Runs at a time (default: processors)",
	         "N"},
		COMMAND_SEED(&seed),
		{"repeat", 0, 0, G_OPTION_ARG_INT, &repeat,
	         "Seeds of every run, from S on (1, and 6 in Fig. 6)", "N"},
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &out,
	         "Folder of the files (results/reproduce; with --quick results/quick)", "DIR"},
		COMMAND_REPORT(&report),
		COMMAND_JSON(&json),
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "[OPTION...]",
		    "Runs scenarios/paper.ini and prints Table 1, Fig. 5 and Fig. 6 beside the "
		    "paper's values.\nWrites table1.csv, table1_parts.csv (where the microseconds "
		    "go), fig5.csv, fig6.csv, claims.csv,\ntheir figures as SVG and PDF, run.json "
		    "and about.json.",
		    0, 0) ||
	    !command_seed(seed) || !command_jobs(jobs))
		return EXIT_BAD_INPUT;
	if (!good_repeat(repeat, quick))
		return EXIT_BAD_INPUT;
	if (repeat)
		sets = with_repeat(sets, repeat);
	if (!out)
		out = g_strdup(quick ? "results/quick" : "results/reproduce");
	interrupt_take();
	status = reproduce(file, out, quick, (unsigned)jobs, (uint64_t)seed, sets, report, json,
	                   &error);
	return report ? report_option(out, status) : status;
}

/* --- run ---------------------------------------------------------------------------------------
 */

struct run_options {
	char *experiment, *config, *out, *pcap, *syscalls;
	struct exec_watched watched;
	struct trace_option trace;
	struct trace_file *trace_file;
	char *bin; /* of --series; NULL: none */
	struct follow_option follow;
	char **sets;
	gint64 seed, offered; /* a load point; 0: none given */
	gboolean untrusted, check_fds, json, report;
	unsigned failed; /* reasons why the run is none to rely on */
};

/* What somebody asked for over time; or, if nobody did, it is gone with the next commit: it would be of another
 * run. */
static bool stage_over_time(const struct run_spec *spec, struct run_options *o,
                            struct results *results, GError **error) {
	results_outdate(results, "series.csv");
	return (!o->bin || series_stage(spec, results, error)) &&
	       follow_option_stage(&o->follow, spec, o->out, results, error);
}

static bool write_run(const struct plan *plan, const struct scenario *sc, const struct measures *m,
                      const struct run_spec *spec, struct run_options *o, struct results *results,
                      GError **error) {
	struct json_run run = {"run", m};

	return stage_over_time(spec, o, results, error) &&
	       results_stage_string(results, "summary.csv", summary_csv(m), error) &&
	       results_stage_string(results, "run.json",
	                            json_report(sc, NULL, "run", plan->seed, &run, 1), error) &&
	       results_stage_string(results, ABOUT_FILE, about_json(NULL, 0), error) &&
	       results_commit(results, error);
}

static void show_and_watch(struct world *world, void *options) {
	struct run_options *o = options;

	if (!o->json)
		world_show(world, NULL);
	exec_watch(&o->watched);
}

static void print_run(const struct scenario *sc, const struct measures *m, struct run_options *o) {
	const struct answer_row of = {
		.experiment = o->experiment, .config = o->config, .offered = (unsigned)o->offered};
	struct answer *answer;

	o->failed = verdict_print(NULL, sc, m);
	if (!o->json) {
		summary_print(sc, m);
		return;
	}
	answer = answer_new("run", sc->text->file, (uint64_t)o->seed);
	answer_judged(answer, NULL, sc, m);
	answer_measures(answer, sc, m, &of);
	answer_print(answer);
}

/* A picture that could not be drawn is one more reason not to be content. */
static bool draw_followed(struct run_options *o, struct results *results, GError **error) {
	bool good = follow_option_draw(&o->follow, results, o->json, error);

	o->failed += results_undrawn(results);
	return good;
}

/* The run itself, once everything is understood.  `results` NULL: nothing is to be written. */
static bool run_text(const struct plan *plan, const struct text *text, struct run_options *o,
                     struct results *results, GError **error) {
	struct scenario *sc = scenario_new(text, error);
	struct run_spec *spec = run_spec_new("run", text, (uint64_t)o->seed);
	struct measures *m = NULL;
	bool good;

	if (sc)
		reach_warn(sc);
	spec->pcap = o->pcap;
	spec->trace = o->trace_file;
	spec->before = show_and_watch;
	spec->arg = o;
	good = sc && series_open(o->bin, sc, results, spec, error) &&
	       follow_option_open(&o->follow, results, spec, error) &&
	       run_all(&spec, 1, 1, &m, error) &&
	       (!results || write_run(plan, sc, m, spec, o, results, error)) &&
	       (!o->pcap || world_capture_keep(o->pcap, error)) &&
	       trace_option_keep(&o->trace, o->trace_file, error);
	interrupt_release();
	if (good) {
		print_run(sc, m, o);
		good = !results || draw_followed(o, results, error);
	} else if (sc) {
		world_capture_discard(o->pcap);
	}
	run_spec_free(spec);
	g_clear_pointer(&m, measures_free);
	g_clear_pointer(&sc, scenario_free);
	return good;
}

static bool run_file(const char *file, struct run_options *o, GError **error) {
	struct text *base = text_load_from(file, o->untrusted, error);
	struct plan *plan =
		base ? plan_of(base, o->sets, "", NULL, false, (uint64_t)o->seed, error) : NULL;
	struct text *text = plan ? plan_text(plan, o->experiment, o->config, error) : NULL;
	struct results *results = NULL;
	struct folder *captures = NULL;
	bool good = text && plan_load(plan, o->experiment, (unsigned)o->offered, text, error) &&
	            (!o->out || (results = results_open("--out", o->out, error))) &&
	            (!o->pcap || (captures = folder_open("--pcap", o->pcap, error))) &&
	            trace_option_open(&o->trace, &o->trace_file, error) &&
	            run_text(plan, text, o, results, error);

	g_clear_pointer(&results, results_close);
	folder_close(captures);
	trace_file_close(o->trace_file);
	g_clear_pointer(&text, text_free);
	g_clear_pointer(&plan, plan_free);
	g_clear_pointer(&base, text_free);
	return good;
}

static bool good_report(const struct run_options *o) {
	if (o->report && !o->out)
		fprintf(stderr, "%s: --report: nowhere to write it; allowed: with --out DIR\n",
		        g_get_prgname());
	return !o->report || o->out;
}

int command_run(int argc, char **argv) {
	struct run_options o = {.seed = 1, .trace.limit = TRACE_LIMIT};
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		COMMAND_SET(&o.sets),
		COMMAND_CONFIG(&o.config),
		COMMAND_EXPERIMENT(&o.experiment),
		COMMAND_OFFERED(&o.offered),
		COMMAND_SEED(&o.seed),
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &o.out, "Write summary.csv and run.json there",
	         "DIR"},
		{"pcap", 0, 0, G_OPTION_ARG_FILENAME, &o.pcap,
	         "Write captures of all interfaces there", "DIR"},
		COMMAND_TRACE(&o.trace),
		COMMAND_SERIES(&o.bin),
		COMMAND_FOLLOW(&o.follow),
		COMMAND_WATCHED(&o.syscalls, &o.check_fds),
		COMMAND_REPORT(&o.report),
		COMMAND_JSON(&o.json),
		COMMAND_UNTRUSTED(&o.untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(&argc, &argv, entries, "FILE [OPTION...]",
	                    "Runs one scenario and prints what happened.\n"
	                    "Example: sopsim run scenarios/first.ini --set pci0.latency=2us",
	                    1, 1) &&
	    command_seed(o.seed) && command_number("--offered", o.offered, 0, G_MAXUINT32) &&
	    good_report(&o)) {
		interrupt_take();
		o.watched.check_fds = o.check_fds;
		if (o.syscalls)
			o.watched.log = command_syscalls(o.syscalls, &error);
		status = error || !run_file(argv[1], &o, &error) ? lab_error_report(error)
		         : o.failed                              ? EXIT_CHECK_FAILED
		                                                 : EXIT_DONE;
		if (o.report)
			status = report_option(o.out, status);
	}
	g_strfreev(o.sets);
	g_free(o.config);
	g_free(o.experiment);
	g_free(o.out);
	g_free(o.pcap);
	g_free(o.trace.path);
	g_free(o.bin);
	follow_option_clear(&o.follow);
	g_free(o.syscalls);
	if (o.watched.log)
		fclose(o.watched.log);
	return status;
}
