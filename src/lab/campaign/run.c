/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does one run go, in a process that may hold one engine only? */
#include "lab/campaign/run.h"

#include <errno.h>
#include <unistd.h>

#include "lab/world/bins.h"
#include "lab/world/captures.h"
#include "lab/world/follow.h"
#include "lab/world/total.h"
#include "lab/world/verdict.h"
#include "lab/world/window.h"

struct run_spec *run_spec_new(const char *name, const struct text *text, uint64_t seed) {
	struct run_spec *spec = g_new0(struct run_spec, 1);

	spec->name = g_strdup(name);
	spec->text = text_copy(text);
	spec->seed = seed;
	spec->weight = 1;
	return spec;
}

void run_spec_free(struct run_spec *spec) {
	text_free(spec->text);
	g_free(spec->name);
	g_free(spec->hash);
	g_free(spec);
}

/* The group's first measure that says that its program could not do its work; 0: it could. */
static int fatal_error(const struct group *group, const struct measures *m) {
	for (size_t i = 0; i < group->kind->n_measures; i++) {
		g_autofree char *name =
			g_strconcat(group->name, ".", group->kind->measures[i].name, NULL);
		double code = measures_get(m, name);

		if (group->kind->measures[i].fatal && code < 0)
			return (int)code;
	}
	return 0;
}

/* A program that could not do its work makes the run worthless. */
static bool programs_worked(const struct world *world, const struct measures *m, GError **error) {
	const struct group *group;

	for (const struct kind *const *kind = world->sc->kinds; *kind; kind++)
		for (unsigned i = 0; (group = scenario_nth(world->sc, *kind, i)); i++) {
			int code = fatal_error(group, m);

			if (code == 0)
				continue;
			g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			            "%s: [%s] type: the program failed: %s; allowed: addresses and "
			            "families that the host's stacks have",
			            world->sc->text->file, group->name, g_strerror(-code));
			return false;
		}
	return true;
}

static bool loaded(const char *why, GError **error) {
	if (why)
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"SimGrid cannot be loaded: %s; allowed: the library that sopsim was built "
			"with",
			why);
	return !why;
}

bool run_prepare(GError **error) { return loaded(sim_ready(), error); }

static bool trace_written(struct trace_file *trace, GError **error) {
	int why = trace ? trace_file_end(trace) : 0;

	if (why)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--trace: %s; allowed: a file that can be written", g_strerror(why));
	return why == 0;
}

/* Hands lines to the process that asked for the run, by a file in memory; frees them. */
static bool handed_over(const char *option, int fd, GString *lines, GError **error) {
	size_t done = 0;
	ssize_t n = 1;

	while (n > 0 && done < lines->len)
		if ((n = write(fd, lines->str + done, lines->len - done)) > 0)
			done += (size_t)n;
	if (n <= 0)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: %s; allowed: memory for its lines", option, g_strerror(errno));
	g_string_free(lines, TRUE);
	return n > 0;
}

static bool series_written(const struct run_spec *spec, struct world *world, GError **error) {
	GString *csv;

	if (!spec->bin)
		return true;
	bins_end(world->bins);
	csv = bins_csv(world->bins);
	g_clear_pointer(&world->bins, bins_free);
	return handed_over("--series", spec->series_fd, csv, error);
}

static bool follow_written(const struct run_spec *spec, struct world *world, GError **error) {
	GString *files;

	if (!spec->follow)
		return true;
	files = follow_files(world->follow, error);
	g_clear_pointer(&world->follow, follow_free);
	return files && handed_over("--follow", spec->follow_fd, files, error);
}

struct measures *run_here(const struct run_spec *spec, GError **error) {
	struct scenario *sc = loaded(sim_load(), error) ? scenario_new(spec->text, error) : NULL;
	struct measures *m = NULL;
	struct world *world;

	if (!sc)
		return NULL;
	world = world_new(sc, spec->seed, error);
	if (!world || (spec->pcap && !world_capture(world, spec->pcap, error)))
		return NULL;
	if (spec->before)
		spec->before(world, spec->arg);
	if (spec->trace)
		trace_file_begin(spec->trace, world->sim);
	if (spec->bin)
		world->bins = bins_new(world, spec->bin);
	if (spec->follow)
		world->follow = follow_new(world, spec->follow);
	world_run(world);
	if (!world_capture_close(world, error) || !trace_written(spec->trace, error) ||
	    !series_written(spec, world, error) || !follow_written(spec, world, error))
		return NULL;
	if (programs_worked(world, window_measures(world->window), error)) {
		if (spec->after)
			spec->after(world, window_measures(world->window), spec->arg);
		m = measures_copy(window_measures(world->window));
	}
	if (m && spec->reasons) {
		g_ptr_array_extend_and_steal(spec->reasons, verdict_reasons(sc, m));
		total_tell(sc, m);
	}
	world_free(world);
	scenario_free(sc);
	return m;
}
