/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a context's queue of steps hold them? */
#include "host/core/work.h"

#include <glib.h>
#include <string.h>

void work_make_room(struct work *w) {
	size_t left = (size_t)(w->end - w->head), size = (size_t)(w->limit - w->steps);

	if (left)
		memmove(w->steps, w->head, left * sizeof *w->steps);
	if (left >= size / 2) {
		size = size ? 2 * size : 16;
		w->steps = g_renew(struct step, w->steps, size);
		w->limit = w->steps + size;
	}
	w->head = w->steps;
	w->end = w->steps + left;
}

void work_prepend(struct work *w, enum cpu_mode mode, unsigned id, sim_time time) {
	if (w->head == w->steps) {
		work_slot(w);
		for (struct step *step = w->end - 1; step > w->head; step--)
			*step = step[-1];
	} else {
		w->head--;
	}
	*work_head(w) = (struct step){.left = time, .id = (uint8_t)id, .mode = (uint8_t)mode};
}
