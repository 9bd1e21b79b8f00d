/* SPDX-License-Identifier: GPL-3.0-or-later */
/* live: a scenario in real time, its links tied to TAP devices. */
#include <stdio.h>
#include <string.h>

#include "lab/base/folder.h"
#include "lab/campaign/run.h"
#include "lab/commands/commands.h"
#include "lab/commands/follow_option.h"
#include "lab/commands/trace_option.h"
#include "lab/figures/summary.h"
#include "lab/scenario/reach.h"
#include "lab/world/captures.h"
#include "lab/world/verdict.h"
#include "live/live.h"

struct live_options {
	char **taps, **sets;
	char *config, *pcap, *out;
	struct trace_option trace;
	struct follow_option follow;
	double seconds; /* 0: until a signal, or until the programs have ended */
	gint64 seed;
	gboolean untrusted;
};

/* What a run needs and leaves. */
struct live_run {
	const struct scenario *sc;
	struct live_options *options;
	struct tap **taps; /* by number of tap group; taken by the live world */
	struct live_clock clock;
	int end;
	char *end_device;
	unsigned failed; /* reasons why the run is none to rely on */
	struct live *live;
	struct trace_file *trace;
};

/* --- the devices ----------------------------------------------------------------------------- */

static bool bad_tap(const struct scenario *sc, const struct group *group, char *why,
                    GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: [%s] device: %s", sc->text->file,
	            group->name, why);
	g_free(why);
	return false;
}

static bool open_tap(const struct scenario *sc, const struct group *group, struct tap **tap,
                     GError **error) {
	const char *device = group_text(group, "device");
	struct net_address address = group_address(group);
	char *why = NULL;

	*tap = tap_open(device ? device : group->name, &why);
	if (!*tap)
		return bad_tap(sc, group, why, error);
	if (address.prefix && !tap_configure(*tap, address.addr, net_address_mask(&address), &why))
		return bad_tap(sc, group, why, error);
	return true;
}

static unsigned count_taps(const struct scenario *sc) {
	unsigned n = 0;

	while (scenario_nth(sc, &kind_tap, n))
		n++;
	return n;
}

static bool open_taps(struct live_run *run, GError **error) {
	const struct group *group;

	for (unsigned i = 0; (group = scenario_nth(run->sc, &kind_tap, i)); i++)
		if (!open_tap(run->sc, group, &run->taps[i], error))
			return false;
	return true;
}

/* --- the run --------------------------------------------------------------------------------- */

static void complain(void *arg, sim_time lag) {
	(void)arg;
	fprintf(stderr, "sopsim live: behind real time by %.1f ms\n", sim_to_us(lag) / 1000);
}

static void tie_world(struct world *world, void *arg) {
	struct live_run *run = arg;
	const struct live_options *o = run->options;
	const struct group *group;

	world_show(world, NULL);
	world->open_ended = true;
	run->live = live_new(world->sim);
	live_on_late(run->live, complain, NULL);
	live_on_end(run->live, world_finish, world);
	if (o->seconds > 0)
		world->until = (sim_time)(o->seconds * (double)SIM_S);
	else if (scenario_head(run->sc)->duration == 0)
		world->until = SIM_NEVER;
	for (unsigned i = 0; (group = scenario_nth(run->sc, &kind_tap, i)); i++) {
		live_tie(run->live, world_port(world, group->name), run->taps[i]);
		fprintf(stderr, "sopsim live: [%s] is tied to %s\n", group->name,
		        tap_name(run->taps[i]));
		run->taps[i] = NULL;
	}
}

static void untie_world(struct world *world, struct measures *m, void *arg) {
	struct live_run *run = arg;
	struct live_counters count;
	const struct group *group;
	const char *device;

	for (unsigned i = 0; (group = scenario_nth(world->sc, &kind_tap, i)); i++) {
		live_counters(run->live, i, &count);
		measures_set(m, group->name, "rx_frames", (double)count.rx_frames);
		measures_set(m, group->name, "rx_bytes", (double)count.rx_bytes);
		measures_set(m, group->name, "rx_too_long", (double)count.rx_too_long);
		measures_set(m, group->name, "tx_frames", (double)count.tx_frames);
		measures_set(m, group->name, "tx_bytes", (double)count.tx_bytes);
		measures_set(m, group->name, "tx_refused", (double)count.tx_refused);
	}
	live_clock(run->live, &run->clock);
	run->end = live_end(run->live, &device);
	run->end_device = g_strdup(device);
	g_clear_pointer(&run->live, live_free);
}

static void print_clock(const struct live_run *run) {
	const struct live_clock *c = &run->clock;

	printf("  real time: %.3f s; lag at most %.3f ms (at %.3f s), on average %.3f ms; %" G_GUINT64_FORMAT
	       " of %" G_GUINT64_FORMAT " dates %.0f ms late or more\n",
	       sim_to_s(c->real), sim_to_us(c->lag_max) / 1000, sim_to_s(c->lag_max_at),
	       sim_to_us(c->lag_mean) / 1000, c->late, c->dates, sim_to_us(LIVE_LATE) / 1000);
}

/* A signal is a way to end; a device that vanished is not. */
static bool ended_well(const struct live_run *run, GError **error) {
	if (run->end >= 0)
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s; allowed: a TAP device that stays",
	            run->end_device, g_strerror(-run->end));
	return false;
}

static bool keep_files(const struct live_run *run, const struct run_spec *spec,
                       struct results *results, GError **error) {
	struct live_options *o = run->options;

	return (!o->pcap || world_capture_keep(o->pcap, error)) &&
	       trace_option_keep(&o->trace, run->trace, error) &&
	       follow_option_write(&o->follow, spec, o->out, results, false, error);
}

static bool run_live(struct live_run *run, const struct text *text, GError **error) {
	struct run_spec *spec = run_spec_new("live", text, (uint64_t)run->options->seed);
	struct results *results = NULL;
	struct measures *m = NULL;
	bool good;

	spec->pcap = run->options->pcap;
	spec->trace = run->trace;
	spec->before = tie_world;
	spec->after = untie_world;
	spec->arg = run;
	good = follow_option_open_alone(&run->options->follow, run->options->out, &results, spec,
	                                error) &&
	       open_taps(run, error) && (m = run_here(spec, error)) &&
	       keep_files(run, spec, results, error);
	g_clear_pointer(&results, results_close);
	run_spec_free(spec);
	if (good) {
		run->failed = verdict_print(NULL, run->sc, m);
		summary_print(run->sc, m);
		print_clock(run);
	} else {
		world_capture_discard(run->options->pcap);
	}
	g_clear_pointer(&m, measures_free);
	return good && ended_well(run, error);
}

/* --- the command ----------------------------------------------------------------------------- */

/* --tap NAME, once per tap group, in their order. */
static bool name_devices(const struct scenario *sc, char **names, struct text *text,
                         GError **error) {
	unsigned n = names ? g_strv_length(names) : 0;

	if (count_taps(sc) == 0) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: no group is of type tap; allowed: one, or more, among the members of a "
			"network",
			text->file);
		return false;
	}
	if (n > count_taps(sc)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: --tap: %u devices for %u groups of type tap; allowed: one each",
		            text->file, n, count_taps(sc));
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		text_set(text, scenario_nth(sc, &kind_tap, i)->text->name, "device", names[i],
		         "--tap");
	return true;
}

/* A stranger's scenario reaches those devices of this machine that the user names, as they are. */
static bool devices_are_named(const struct scenario *sc, const struct live_options *o,
                              GError **error) {
	const struct group *group;
	unsigned named = o->taps ? g_strv_length(o->taps) : 0;

	for (unsigned i = 0; o->untrusted && (group = scenario_nth(sc, &kind_tap, i)); i++)
		if (i >= named || group_given(group, "address")) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"%s: [%s] %s: refused by --untrusted; allowed: devices that --tap names, "
				"without address",
				sc->text->file, group->text->name,
				i >= named ? "device" : "address");
			return false;
		}
	return true;
}

static struct text *live_text(const char *file, const struct live_options *o, GError **error) {
	struct text *text = text_load_from(file, o->untrusted, error);
	struct scenario *sc = text ? scenario_new(text, error) : NULL;
	bool good = sc && devices_are_named(sc, o, error) &&
	            name_devices(sc, o->taps, text, error) &&
	            scenario_apply(sc, &kind_config, o->config, NULL, text, error);

	for (unsigned i = 0; good && o->sets && o->sets[i]; i++)
		good = text_override_pair(text, o->sets[i], "--set", error);
	g_clear_pointer(&sc, scenario_free);
	if (!good)
		g_clear_pointer(&text, text_free);
	return text;
}

static bool good_seconds(const struct live_options *o, GError **error) {
	/* What the clock can count, in picoseconds, and some. */
	if (o->seconds >= 0 && o->seconds <= 1e6)
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--for: %g; allowed: 0 (no limit) to 1e6 seconds", o->seconds);
	return false;
}

/* The exit status. */
static int live_file(const char *file, struct live_options *o, GError **error) {
	struct text *text = good_seconds(o, error) ? live_text(file, o, error) : NULL;
	struct scenario *sc = text ? scenario_new(text, error) : NULL;
	struct live_run run = {.sc = sc, .options = o};
	struct folder *captures = NULL;
	unsigned n = sc ? count_taps(sc) : 0;
	bool good = false;

	if (sc) {
		reach_warn(sc);
		run.taps = g_new0(struct tap *, n);
		good = (!o->pcap || (captures = folder_open("--pcap", o->pcap, error))) &&
		       trace_option_open(&o->trace, &run.trace, error) &&
		       run_live(&run, text, error);
	}
	for (unsigned i = 0; i < n; i++)
		tap_close(run.taps[i]);
	g_free(run.taps);
	g_free(run.end_device);
	folder_close(captures);
	trace_file_close(run.trace);
	g_clear_pointer(&sc, scenario_free);
	g_clear_pointer(&text, text_free);
	if (!good)
		return lab_error_report(*error);
	return run.failed ? EXIT_CHECK_FAILED : EXIT_DONE;
}

int command_live(int argc, char **argv) {
	struct live_options o = {.seed = 1, .trace.limit = TRACE_LIMIT};
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		{"tap", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.taps,
	         "TAP device of the scenario's first tap group; again for the second", "NAME"},
		{"for", 0, 0, G_OPTION_ARG_DOUBLE, &o.seconds, "End after this many seconds",
	         "SECONDS"},
		COMMAND_SET(&o.sets),
		COMMAND_CONFIG(&o.config),
		COMMAND_SEED(&o.seed),
		{"pcap", 0, 0, G_OPTION_ARG_FILENAME, &o.pcap,
	         "Write captures of all interfaces there", "DIR"},
		COMMAND_TRACE(&o.trace),
		COMMAND_FOLLOW_ALONE(&o.follow, &o.out),
		COMMAND_UNTRUSTED(&o.untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(
		    &argc, &argv, entries, "FILE [OPTION...]",
		    "Runs a scenario in real time, its groups of type tap tied to TAP devices of "
		    "this machine,\nso that real programs talk to the simulated ones.  Needs root "
		    "and /dev/net/tun.\nEnds with Ctrl-C, after --for, or when the scenario's "
		    "programs have ended.\n"
		    "Example: sopsim live scenarios/live.ini, and elsewhere: curl "
		    "http://10.0.0.1/index.html",
		    1, 1) &&
	    command_seed(o.seed))
		status = live_file(argv[1], &o, &error);
	g_strfreev(o.taps);
	g_strfreev(o.sets);
	g_free(o.config);
	g_free(o.pcap);
	g_free(o.trace.path);
	g_free(o.out);
	follow_option_clear(&o.follow);
	return status;
}
