/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would a model of a few queues predict for the same load? */
#include "lab/figures/mva.h"

#include <math.h>

void mva_solve(const struct mva *net, unsigned customers, struct mva_result *result) {
	double queue[MVA_STATIONS] = {0}, residence[MVA_STATIONS] = {0}, busy, slowest = 0;

	*result = (struct mva_result){0};
	for (unsigned i = 0; i < net->stations; i++)
		slowest = fmax(slowest, net->demand[i]);
	for (unsigned n = 1; n <= customers; n++) {
		result->response = 0;
		/* Who arrives finds the queues of a network with one customer less. */
		for (unsigned i = 0; i < net->stations; i++) {
			busy = result->throughput * net->demand[i];
			residence[i] = net->demand[i] * (1 + queue[i] - net->even * busy / 2);
			result->response += residence[i];
		}
		/* No station is busy all the time and more, as an approximate residence would have it. */
		result->throughput = fmin(n / (net->think + result->response), 1 / slowest);
		result->response = n / result->throughput - net->think;
		for (unsigned i = 0; i < net->stations; i++)
			queue[i] = result->throughput * residence[i];
	}
	for (unsigned i = 0; i < net->stations; i++)
		result->utilisation[i] = result->throughput * net->demand[i];
}

/* Throughput falls with the think time, from that of none. */
double mva_think(const struct mva *net, unsigned customers, double throughput) {
	double low = 0, high = customers / throughput;
	struct mva trial = *net;
	struct mva_result result;

	trial.think = 0;
	mva_solve(&trial, customers, &result);
	if (!(throughput > 0) || result.throughput < throughput)
		return NAN;
	while (high - low > 1e-12 * high) {
		trial.think = (low + high) / 2;
		mva_solve(&trial, customers, &result);
		*(result.throughput > throughput ? &low : &high) = trial.think;
	}
	return (low + high) / 2;
}
