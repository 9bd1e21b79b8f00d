/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would a model of a few queues predict for the same load? */
#include "lab/figures/mva.h"

#include <math.h>

void mva_solve(const struct mva *net, unsigned customers, struct mva_result *result) {
	double queue[MVA_STATIONS] = {0}, residence[MVA_STATIONS] = {0};

	*result = (struct mva_result){0};
	for (unsigned n = 1; n <= customers; n++) {
		result->response = 0;
		/* Who arrives finds the queues of a network with one customer less. */
		for (unsigned i = 0; i < net->stations; i++) {
			residence[i] = net->demand[i] * (1 + queue[i]);
			result->response += residence[i];
		}
		result->throughput = n / (net->think + result->response);
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
