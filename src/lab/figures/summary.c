/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What is worth a line, by type: name in measures, and how people say it. */
static const struct line {
	enum type_id type;
	const char *name, *format;
} lines[] = {
	{TYPE_HOST, "cpu_total", "CPU busy %.1f %%"},
	{TYPE_HOST, "cpu_user", "user %.1f %%"},
	{TYPE_HOST, "cpu_process", "system %.1f %%"},
	{TYPE_HOST, "cpu_softirq", "softirq %.1f %%"},
	{TYPE_HOST, "cpu_irq", "irq %.1f %%"},
	{TYPE_HOST, "context_switches", "%.0f context switches"},
	{TYPE_HOST, "syscalls", "%.0f system calls"},
	{TYPE_PCI, "busy", "bus busy %.1f %%"},
	{TYPE_PCI, "dma_bytes", "%.0f bytes by DMA"},
	{TYPE_PCI, "register_writes", "%.0f register writes"},
	{TYPE_PCI, "register_reads", "%.0f reads"},
	{TYPE_NIC, "rx_frames", "%.0f frames received"},
	{TYPE_NIC, "tx_frames", "%.0f sent"},
	{TYPE_NIC, "rx_dropped", "%.0f dropped"},
	{TYPE_NIC, "rx_too_long", "%.0f too long"},
	{TYPE_NIC, "tx_dropped", "%.0f dropped before sending"},
	{TYPE_NIC, "rx_others", "%.0f for others"},
	{TYPE_NIC, "interrupts", "%.0f interrupts"},
	{TYPE_TOE, "busy", "firmware busy %.1f %%"},
	{TYPE_TOE, "commands", "%.0f commands"},
	{TYPE_TOE, "events", "%.0f events"},
	{TYPE_TOE, "connections", "%.0f connections"},
	{TYPE_TOE, "rx_dropped", "%.0f frames dropped"},
	{TYPE_TOE, "rx_too_long", "%.0f frames too long"},
	{TYPE_PEER, "rx_too_long", "%.0f frames too long"},
	{TYPE_NETWORK, "dropped", "%.0f frames dropped, queues were full"},
	{TYPE_NETWORK, "too_long", "%.0f frames too long"},
	{TYPE_NETWORK, "lost", "%.0f frames lost"},
	{TYPE_NETWORK, "corrupted", "%.0f damaged"},
	{TYPE_NETWORK, "duplicated", "%.0f doubled"},
	{TYPE_NETWORK, "reordered", "%.0f late"},
	{TYPE_TOE, "rx_others", "%.0f frames for others"},
	{TYPE_PEER, "rx_others", "%.0f frames for others"},
	{TYPE_TAP, "rx_frames", "%.0f frames from the kernel"},
	{TYPE_TAP, "rx_bytes", "%.0f bytes"},
	{TYPE_TAP, "tx_frames", "%.0f frames to the kernel"},
	{TYPE_TAP, "tx_bytes", "%.0f bytes"},
	{TYPE_TAP, "rx_too_long", "%.0f too long"},
	{TYPE_TAP, "tx_refused", "%.0f refused"},
	{TYPE_WEB, "requests", "%.0f requests served"},
	{TYPE_WEB, "body_bytes", "%.0f bytes of bodies"},
	{TYPE_WEB, "not_found", "%.0f not found"},
	{TYPE_WEB, "aborted", "%.0f aborted"},
	{TYPE_SPECWEB, "requests", "%.1f requests/s"},
	{TYPE_SPECWEB, "requests_ci95", "+- %.1f"},
	{TYPE_SPECWEB, "errors", "%.0f errors"},
	{TYPE_SPECWEB, "bytes", "%.0f bytes"},
	{TYPE_SPECWEB, "response_s", "%.3f s each"},
	{TYPE_SENDBENCH, "latency_us", "send() takes %.2f us"},
	{TYPE_SENDBENCH, "latency_us_ci95", "+- %.2f"},
	{TYPE_SENDBENCH, "sunk_bytes", "%.0f bytes arrived"},
	{TYPE_STREAMING, "playing", "%.0f viewers play"},
	{TYPE_STREAMING, "bytes", "%.0f bytes"},
	{TYPE_STREAMING, "wrong_bytes", "%.0f wrong"},
	{TYPE_STREAMING, "lost_bytes", "%.0f lost"},
	{TYPE_STREAMING, "underruns", "%.0f times without data"},
	{TYPE_PROGRAM, "calls", "%.0f system calls"},
	{TYPE_PROGRAM, "checks", "%.0f expectations"},
	{TYPE_PROGRAM, "failed", "%.0f did not hold"},
	{TYPE_RUN, "failed", "%.0f failed"},
	{TYPE_ECHO, "connections", "%.0f connections"},
	{TYPE_ECHO, "messages", "%.0f messages"},
	{TYPE_ECHO, "bytes", "%.0f bytes received"},
	{TYPE_ECHO, "answers", "%.0f answers"},
	{TYPE_ECHO, "answer_us", "after %.0f us on average"},
	{TYPE_ECHO, "answer_us_max", "%.0f us at most"},
	{TYPE_ECHO, "failed", "%.0f failed"},
	{TYPE_FETCH, "done", "%.0f fetched"},
	{TYPE_FETCH, "failed", "%.0f failed"},
	{TYPE_FETCH, "bytes", "%.0f bytes"},
	{TYPE_FETCH, "wrong_bytes", "%.0f wrong"},
	{TYPE_FETCH, "connect_us", "connected after %.0f us"},
	{TYPE_FETCH, "total_us", "done after %.0f us"},
};

static void print_group(const struct group *group, const struct measures *m) {
	bool first = true;

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *name = g_strdup_printf("%s.%s", group->name, lines[i].name);
		double value = measures_get(m, name);

		if (lines[i].type != type_id(group->type) || isnan(value))
			continue;
		if (first)
			printf("  %-12s %-10s ", group->name, group->type->name);
		printf("%s", first ? "" : ", ");
		/* The formats above take one double each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		printf(lines[i].format, value);
#pragma GCC diagnostic pop
		first = false;
	}
	if (!first)
		printf("\n");
}

/* The module says itself what it counts: only what happened is shown. */
static void print_sop(const struct group *group, const struct measures *m) {
	g_autofree char *prefix = g_strconcat(group->name, ".", NULL);
	bool first = true;

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);

		if (!g_str_has_prefix(measure->name, prefix) || measure->value == 0)
			continue;
		if (first)
			printf("  %-12s %-10s ", group->name, group->type->name);
		printf("%s%s %.0f", first ? "" : ", ", strchr(measure->name, '.') + 1, measure->value);
		first = false;
	}
	if (!first)
		printf("\n");
}

void summary_print(const struct scenario *sc, const struct measures *m) {
	printf("%s: %s\n", sc->text->file, scenario_head(sc)->title ? scenario_head(sc)->title : "");
	printf("  measured over %.6f s of simulated time, %.0f events\n",
	       measures_get(m, "sim.window_s"), measures_get(m, "sim.events"));
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (type_id(group->type) == TYPE_SOP)
			print_sop(group, m);
		else
			print_group(group, m);
	}
}

GString *summary_csv(const struct measures *m) {
	GString *csv = g_string_new("measure,value\n");

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		char number[G_ASCII_DTOSTR_BUF_SIZE];

		g_ascii_formatd(number, sizeof number, "%.9g", measure->value);
		g_string_append_printf(csv, "%s,%s\n", measure->name, isfinite(measure->value) ? number : "");
	}
	return csv;
}
