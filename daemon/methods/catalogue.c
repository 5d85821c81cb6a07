/* SPDX-License-Identifier: Apache-2.0 */
#include "methods/catalogue.h"

#include "methods/tables.h"

const struct method *const catalogue_tables[] = {
    access_methods,     principal_methods,     token_methods,
    server_methods,     reference_methods,     organization_methods, facility_methods,
    framework_methods,  skill_methods,         role_methods,         qualification_methods,
    person_methods,     affiliation_methods,   holding_methods,      program_methods,
    session_methods,    enrollment_methods,    exchange_methods,     exchange_calendar_methods,
    exchange_balance_methods, demand_methods,  assumption_methods,
    gap_methods,        gap_review_methods,    gap_project_methods,
    gap_staffing_methods, pathway_methods,
    opportunity_methods, plan_methods,
    gap_matrix_methods,   audit_methods,      event_methods,
    server_state_methods, release_methods,     report_methods,
    legal_basis_methods,   consent_methods,       subject_methods,      retention_methods,
    bulk_methods,
    NULL,
};
