/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/error.h"
#include "service/metrics.h"

static void
percentiles_are_at_most_a_fifth_too_high_and_never_too_low(void **state)
{
    struct metrics *metrics = metrics_new(1);

    (void)state;
    assert_non_null(metrics);
    for (int64_t us = 1; us <= 100000; us++)
        metrics_record(metrics, 0, us, 0, 1);
    assert_in_range(metrics_percentile_us(metrics, 0, 0.5), 50000, 60000);
    assert_in_range(metrics_percentile_us(metrics, 0, 0.99), 99000, 118800);
    assert_int_equal(metrics_calls(metrics, 0), 100000);
    metrics_free(metrics);
}

static void
times_beyond_all_buckets_count_in_the_first_and_the_last(void **state)
{
    struct metrics *metrics = metrics_new(2);

    (void)state;
    metrics_record(metrics, 0, -5, 0, 0);
    metrics_record(metrics, 1, INT64_MAX, 0, 0);
    assert_int_equal(metrics_percentile_us(metrics, 0, 0.99), 10);
    assert_true(metrics_percentile_us(metrics, 1, 0.5) > INT64_C(3600000000));
    metrics_free(metrics);
}

static void
errors_are_counted_by_name_and_results_by_bytes(void **state)
{
    struct metrics *metrics = metrics_new(1);
    json_t *figures;

    (void)state;
    metrics_record(metrics, 0, 100, 0, 40);
    metrics_record(metrics, 0, 100, 0, 2);
    metrics_record(metrics, 0, 100, ERROR_NOT_FOUND, 0);
    metrics_record(metrics, 0, 100, ERROR_DIVERGED, 0);
    metrics_record(metrics, 0, 100, ERROR_DIVERGED, 0);
    figures = metrics_json(metrics, 0);
    assert_int_equal(json_integer_value(json_object_get(figures, "calls")), 5);
    assert_int_equal(json_integer_value(json_object_get(figures, "bytes")), 42);
    assert_int_equal(json_integer_value(json_object_get(figures, "error_count")), 3);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(figures, "errors"), "not_found")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(figures, "errors"), "diverged")), 2);
    assert_int_equal(json_object_size(json_object_get(figures, "errors")), 2);
    json_decref(figures);
    metrics_free(metrics);
}

static void
what_is_not_there_is_not_counted(void **state)
{
    struct metrics *metrics = metrics_new(1);

    (void)state;
    metrics_record(metrics, 1, 100, 0, 1);
    metrics_record(metrics, 1000, 100, 0, 1);
    assert_int_equal(metrics_calls(metrics, 0), 0);
    assert_int_equal(metrics_calls(metrics, 1), 0);
    assert_int_equal(metrics_percentile_us(metrics, 0, 0.5), 0);
    metrics_free(metrics);
    metrics_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_at_most_a_fifth_too_high_and_never_too_low),
        cmocka_unit_test(times_beyond_all_buckets_count_in_the_first_and_the_last),
        cmocka_unit_test(errors_are_counted_by_name_and_results_by_bytes),
        cmocka_unit_test(what_is_not_there_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
