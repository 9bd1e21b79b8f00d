/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupt lines. */
#include "host/core/processor.h"

#include <errno.h>
#include <glib.h>

#include "host/core/parts.h"
#include "host/core/soft_timer.h"

/*
 * How long after a handler's end a line that is still high interrupts again.  A level-triggered
 * line is delivered anew when the end-of-interrupt message has reached the I/O APIC; on the serial
 * APIC bus of a P6 that and the new message take about a microsecond (recalled, Intel 82093AA).  It
 * also keeps a machine without costs from spinning while a device's answer is on its way.
 */
#define IRQ_REDELIVERY SIM_US

/* Passes in a row that nobody claims until the line is turned off (2.4.22 has no such limit, 2.6's
 * note_interrupt() has). */
#define IRQ_MAX_SPURIOUS 100

/* --- lines ------------------------------------------------------------------------------------ */

static uint32_t lines_due(const struct cpu *cpu) {
	return cpu->irq_high & cpu->irq_enabled & ~cpu->irq_held;
}

/* After every change of a line or of the pass: the dispatcher asks far more often. */
static void look_again(struct cpu *cpu) { cpu->irq_due = cpu->pass || lines_due(cpu); }

int request_irq(struct kernel *k, unsigned line, irq_handler handler, const char *name,
                void *dev_id) {
	struct irq_action *action, **end;

	if (line >= IRQ_LINES || !handler)
		return -EINVAL;
	action = g_new0(struct irq_action, 1);
	action->handler = handler;
	action->name = name;
	action->dev_id = dev_id;
	for (end = &k->cpu->lines[line].actions; *end;)
		end = &(*end)->next;
	*end = action;
	k->cpu->irq_enabled |= 1U << line;
	k->cpu->lines[line].spurious = 0;
	look_again(k->cpu);
	cpu_kick(k);
	return 0;
}

void free_irq(struct kernel *k, unsigned line, void *dev_id) {
	struct irq_action **at;

	if (line >= IRQ_LINES)
		return;
	for (at = &k->cpu->lines[line].actions; *at; at = &(*at)->next) {
		struct irq_action *action = *at;
		if (action->dev_id != dev_id)
			continue;
		*at = action->next;
		if (k->cpu->action == action)
			k->cpu->action = action->next;
		g_free(action);
		break;
	}
	if (k->cpu->rest_of == dev_id)
		k->cpu->rest = NULL;
	if (!k->cpu->lines[line].actions)
		k->cpu->irq_enabled &= ~(1U << line);
	look_again(k->cpu);
}

void irq_then(struct kernel *k, irq_handler rest, void *dev_id) {
	k->cpu->rest = rest;
	k->cpu->rest_of = dev_id;
}

void irq_level(struct kernel *k, unsigned line, bool high) {
	struct cpu *cpu = k->cpu;
	uint32_t bit = 1U << line;

	g_return_if_fail(line < IRQ_LINES);
	if (high == ((cpu->irq_high & bit) != 0))
		return;
	cpu->irq_high ^= bit;
	look_again(cpu);
	if (high) {
		if (!cpu->pass)
			cpu_kick(k);
		return;
	}
	cpu->irq_held &= ~bit; /* and low: it is not due */
	sim_cancel(k->sim, &cpu->lines[line].redeliver);
}

static void redeliver(void *arg) {
	struct irq_line *line = arg;

	line->kernel->cpu->irq_held &= ~(1U << line->nr);
	look_again(line->kernel->cpu);
	cpu_kick(line->kernel);
}

static void end_pass(struct kernel *k) {
	struct cpu *cpu = k->cpu;
	struct irq_line *line = cpu->pass;
	uint32_t bit = 1U << line->nr;

	cpu->pass = NULL;
	line->spurious = cpu->claimed ? 0 : line->spurious + 1;
	if (line->spurious >= IRQ_MAX_SPURIOUS) {
		g_warning("%s: irq %u: nobody cared; line disabled", k->name, line->nr);
		cpu->irq_enabled &= ~bit;
	} else if (cpu->irq_high & bit) {
		cpu->irq_held |= bit;
		sim_after(k->sim, &line->redeliver, IRQ_REDELIVERY);
	}
	look_again(cpu);
	softirqs_let_in(k);
	soft_timers_run(k);
}

static void begin_pass(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	cpu->pass = &cpu->lines[__builtin_ctz(lines_due(cpu))];
	look_again(cpu);
	cpu->action = cpu->pass->actions;
	cpu->claimed = false;
	cpu->usage.hardirqs++;
	cpu_begin_interrupt(cpu, CODE_IRQ);
	charge(k, COST_IRQ, 0);
	cpu_end_interrupt(cpu);
}

/* A handler looks at its device when the entry, and the handlers before it, are worked off. */
static void handle(struct kernel *k) {
	struct cpu *cpu = k->cpu;
	struct irq_action *action = cpu->action;
	irq_handler handler = cpu->rest;
	void *dev_id = cpu->rest_of;

	if (!handler) {
		cpu->action = action->next;
		handler = action->handler;
		dev_id = action->dev_id;
	}
	cpu->rest = NULL;
	cpu_begin_interrupt(cpu, CODE_IRQ);
	cpu->claimed |= handler(dev_id);
	cpu_end_interrupt(cpu);
}

void irq_next(struct kernel *k) {
	if (k->cpu->pass && (k->cpu->rest || k->cpu->action))
		handle(k);
	else if (k->cpu->pass)
		end_pass(k);
	else
		begin_pass(k);
}

/* --- life ------------------------------------------------------------------------------------- */

void irq_init(struct kernel *k) {
	for (unsigned i = 0; i < IRQ_LINES; i++) {
		struct irq_line *line = &k->cpu->lines[i];
		line->kernel = k;
		line->nr = i;
		sim_event_init(&line->redeliver, redeliver, line);
	}
}

void irq_exit(struct kernel *k) {
	for (unsigned i = 0; i < IRQ_LINES; i++) {
		struct irq_line *line = &k->cpu->lines[i];
		sim_cancel(k->sim, &line->redeliver);
		while (line->actions)
			free_irq(k, i, line->actions->dev_id);
	}
}
