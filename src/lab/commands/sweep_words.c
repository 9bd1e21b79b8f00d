/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What did the words of the command line ask to vary, and what would that run? */
#include "lab/commands/sweep_words.h"

#include <stdio.h>
#include <string.h>

#include "lab/base/terminal.h"
#include "lab/commands/commands.h"

const char sweep_words_help[] =
	"Runs every combination of what is varied, in parallel; writes sweep.csv, sweep.svg and run.json.\n"
	"\n"
	"  a list               --vary pci0.latency=100ns,1us,10us\n"
	"  a range              --vary 'pci0.latency=10ns..10us log 13'   (or lin 5, or step 2us)\n"
	"  keys together        --vary 'pci0.width,pci0.clock=32,33MHz;64,66MHz;64,133MHz'\n"
	"  points with names    --vary 'pci0.width,pci0.clock=old=32,33MHz;new=64,66MHz'\n"
	"  several axes         --vary toe0.kind=interrupt,polling --vary pci0.latency=1us,10us\n"
	"  configs              --config offload_no_sop,offload_sop --experiment fig6\n"
	"  without nonsense     --except 'toe0.kind=polling,pci0.latency>1us'\n"
	"  200 points at random --vary cost.irq=2us..10us --vary cost.syscall=0.3us..1us --sample 200\n"
	"  ten seeds of each    --repeat 10\n"
	"  in the scenario      [sweep NAME] with vary, config, except, sample, repeat: sopsim sweep FILE NAME\n"
	"  on a cluster         --slurm --slurm-option=--partition=long\n"
	"  what it would run    --list\n"
	"\n"
	"docs/sweeps.md tells more.\n"
	"Example: sopsim sweep scenarios/pci-latency.ini --vary pci0.latency=10ns,100ns,1us,10us";

/* --- reading ----------------------------------------------------------------------------------- */

/* "a,b" "c" are three. */
static char **names_of(char **options) {
	g_autofree char *all = options ? g_strjoinv(",", options) : NULL;
	char **names = all ? g_strsplit(all, ",", -1) : NULL;

	for (unsigned i = 0; names && names[i]; i++)
		g_strstrip(names[i]);
	return names;
}

bool sweep_words_take(struct sweep_words *words, const char *name, uint64_t seed) {
	if (!command_number("--sample", words->sample, 0, POINTS_MAX))
		return false;
	words->wanted = (struct axes_wanted){
		.name = g_strdup(name),
		.vary = words->vary,
		.except = words->except,
		.configs = names_of(words->configs),
		.experiments = names_of(words->experiments),
		.sample = (unsigned)words->sample,
		.seed = seed,
	};
	return true;
}

void sweep_words_clear(struct sweep_words *words) {
	g_strfreev(words->vary);
	g_strfreev(words->except);
	g_strfreev(words->configs);
	g_strfreev(words->experiments);
	g_free(words->wanted.name);
	g_strfreev(words->wanted.configs);
	g_strfreev(words->wanted.experiments);
}

/* --- listing ----------------------------------------------------------------------------------- */

static void add_cell(GPtrArray *cells, const char *text) {
	g_ptr_array_add(cells, terminal_text(text));
}

static void add_head(const struct sweep *sweep, GPtrArray *cells) {
	add_cell(cells, "run");
	for (guint a = 0; a < sweep->points->axes->len; a++)
		add_cell(cells, points_axis(sweep->points, a)->name);
	add_cell(cells, "experiment");
	add_cell(cells, "config");
	add_cell(cells, "offered");
}

static void add_row(const struct sweep *sweep, guint row, GPtrArray *cells) {
	const struct sweep_row *r = sweep_row(sweep, row);
	g_autofree char *number = g_strdup_printf("%u", row + 1);
	g_autofree char *offered = r->offered ? g_strdup_printf("%u/s", r->offered) : g_strdup("-");

	add_cell(cells, number);
	for (guint a = 0; a < sweep->points->axes->len; a++)
		add_cell(cells, r->point->at[a].label);
	add_cell(cells, r->experiment);
	add_cell(cells, r->config);
	add_cell(cells, offered);
}

/* As wide as the widest; columns that say nothing of any run are left out. */
static guint width_of(const GPtrArray *cells, guint columns, guint column) {
	guint width = 0;
	bool says = false;

	for (guint i = column; i < cells->len; i += columns) {
		const char *cell = cells->pdata[i];

		width = MAX(width, (guint)g_utf8_strlen(cell, -1));
		says |= i >= columns && !g_str_equal(cell, "-");
	}
	return says ? width : 0;
}

static void print_cells(const GPtrArray *cells, guint columns) {
	g_autofree guint *widths = g_new(guint, columns);

	for (guint c = 0; c < columns; c++)
		widths[c] = width_of(cells, columns, c);
	for (guint i = 0; i < cells->len; i += columns) {
		g_autoptr(GString) line = g_string_new(NULL);

		for (guint c = 0; c < columns; c++) {
			const char *cell = cells->pdata[i + c];
			guint blanks = widths[c] ? widths[c] - (guint)g_utf8_strlen(cell, -1) : 0;

			if (widths[c])
				g_string_append_printf(line, "%s%*s  ", cell, (int)blanks, "");
		}
		puts(g_strchomp(line->str));
	}
}

void sweep_list(const struct sweep *sweep) {
	guint points = sweep->points->list->len, runs = sweep->runs->len;
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	guint columns;

	add_head(sweep, cells);
	columns = cells->len;
	for (guint row = 0; row < sweep->rows->len; row++)
		add_row(sweep, row, cells);
	print_cells(cells, columns);
	printf("\n%u point%s, %u run%s\n", points, points == 1 ? "" : "s", runs,
	       runs == 1 ? "" : "s");
}
