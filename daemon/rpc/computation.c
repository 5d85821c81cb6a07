/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/computation.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "log.h"
#include "model/answer.h"
#include "model/runs.h"
#include "report/briefing.h"

struct computation {
    LIST_ENTRY(computation) link;
    struct item *item;
    struct worker_job *job;
    PGresult *input; /* whose text is computed from */
    const char *text;
    size_t size;
    model_run *run;
    struct model_answer answer;
    int rc;
};

struct computations {
    struct worker_pool *workers;
    int timeout_ms;
    LIST_HEAD(, computation) list;
};

static model_run *const runs[] = {
    [COMPUTE_PROJECT] = project_run,
    [COMPUTE_OPPORTUNITY] = opportunity_run,
    [COMPUTE_PLAN] = plan_run,
    [COMPUTE_BRIEFING] = briefing_run,
    [COMPUTE_STAFFING] = staffing_run,
    [COMPUTE_FRAGILE] = fragile_run,
    [COMPUTE_PATHWAY] = pathway_run,
    [COMPUTE_NEIGHBORS] = neighbors_run,
};
_Static_assert(sizeof runs / sizeof *runs == COMPUTATIONS, "each computation has a function");

/* On a worker thread. */
static int
compute(void *data, const struct stop *stop)
{
    struct computation *computation = data;

    computation->rc = computation->run(computation->text, computation->size, stop, &computation->answer);
    return computation->rc;
}

static void
free_answer(const void *text, size_t size, void *context)
{
    (void)text;
    (void)size;
    free(context);
}

/* What the caller is told of a computation without an answer. */
static void
explain(const struct computation *computation, enum worker_outcome outcome, struct fault *fault)
{
    const struct model_answer *answer = &computation->answer;

    if (outcome == WORKER_LATE) {
        fault_set(fault, ERROR_TIMEOUT, "The computation took longer than it may");
        fault_expect(fault, "a smaller question, or a larger timeout_ms in [model] of the daemon's configuration");
    } else if (outcome == WORKER_CANCELLED || computation->rc == MODEL_STOPPED) {
        fault_set(fault, ERROR_UNAVAILABLE, "The daemon is stopping; try again later");
    } else if (computation->rc == MODEL_MEMORY) {
        fault_set(fault, ERROR_UNAVAILABLE, "The computation found too little memory; try a smaller question");
    } else if (computation->rc == MODEL_MISSING) {
        fault_set(fault, ERROR_UNAVAILABLE, "The solver of plans, CBC, is not on the daemon's machine");
        fault_expect(fault, "its library, of Debian's package coinor-libcbc3");
    } else if (computation->rc == MODEL_WRONG) {
        fault_set(fault, ERROR_INTERNAL, "The solver's answer does not stand up to a check, so it is not given");
    } else {
        fault_set(fault, computation->rc == MODEL_INFEASIBLE ? ERROR_CONFLICT : ERROR_INVALID_PARAMS, "%s", answer->reason);
        snprintf(fault->parameter, sizeof fault->parameter, "%s", answer->parameter);
        if (answer->expected[0] != '\0')
            fault_expect(fault, "%s", answer->expected);
    }
}

static void
computation_free(struct computation *computation)
{
    PQclear(computation->input);
    free(computation->answer.text);
    free(computation);
}

/* On the loop, when all threads have left. */
static void
ended(void *data, enum worker_outcome outcome)
{
    struct computation *computation = data;
    struct item *item = computation->item;
    struct call *call = item->call;
    struct asker *asker = call->asker;
    struct fault fault;

    LIST_REMOVE(computation, link);
    if (asker != NULL)
        asker->in_flight--;
    if (outcome == WORKER_DONE) {
        char *text = computation->answer.text;

        computation->answer.text = NULL; /* the output gives it back when it is written */
        item_text(item, text, free_answer, text);
    } else {
        explain(computation, outcome, &fault);
        if (fault.code == ERROR_INTERNAL)
            log_write(LOG_ERR, "a computation failed method=%s reason=\"%s\"", item->method->name, computation->answer.reason);
        item_fault(item, &fault, NULL, NULL);
    }
    computation_free(computation);
    call_release(call);
    if (asker != NULL)
        asker->answered(asker);
}

void
computation_begin(struct item *item, struct reply *reply)
{
    struct computations *computations = item->call->dispatch->computations;
    struct computation *computation = calloc(1, sizeof *computation);
    struct fault fault;

    if (computation != NULL) {
        const struct worker_task task = {.run = compute, .done = ended, .data = computation, .threads = 1,
                                         .timeout_ms = computations->timeout_ms};

        computation->item = item;
        computation->input = reply->result;
        computation->text = reply->text;
        computation->size = reply->size;
        computation->run = runs[item->method->compute];
        reply->result = NULL;
        computation->job = worker_submit(computations->workers, &task);
        if (computation->job != NULL) {
            LIST_INSERT_HEAD(&computations->list, computation, link);
            item->call->pending++;
            item->call->asker->in_flight++;
            item->call->asker->computations = computations;
            return;
        }
        computation_free(computation);
    }
    fault_set(&fault, ERROR_UNAVAILABLE, "Too many computations are waiting; try again later");
    item_fault(item, &fault, NULL, NULL);
}

struct computations *
computations_new(struct worker_pool *workers, int timeout_ms)
{
    struct computations *computations = calloc(1, sizeof *computations);

    if (computations == NULL)
        return NULL;
    computations->workers = workers;
    computations->timeout_ms = timeout_ms;
    LIST_INIT(&computations->list);
    return computations;
}

void
computations_leave(struct computations *computations, const struct asker *asker)
{
    struct computation *computation;

    if (computations == NULL)
        return;
    LIST_FOREACH(computation, &computations->list, link)
        if (computation->item->call->asker == asker)
            worker_cancel(computation->job);
}

void
computations_free(struct computations *computations)
{
    free(computations);
}
