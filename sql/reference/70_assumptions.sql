-- SPDX-License-Identifier: Apache-2.0
--
-- What projections assume where nobody has recorded better. No survey of how fusion's people quit, retire and rise was
-- found, so these are wide judgements, marked unverified; where a published figure bounds one, its source is named. What an
-- installation has changed is left alone.

insert into core.assumption (code, kind, country, level, age, low, mode, high, source, source_date, note, unverified)
select entry.code, entry.kind, entry.country, entry.level::smallint, entry.age::smallint, entry.low, entry.mode, entry.high,
    coalesce(entry.source, 'Judgement, for want of a survey of people in fusion; to be replaced by one'),
    coalesce(entry.source_date, '2026-11-24')::date, entry.note, true
from (values
('quit.JP', 'quit_rate', 'JP', null, null, 0.01, 0.03, 0.119,
 'MHLW, Survey on Employment Trends 2022, summary of 2023-08-22 (https://www.mhlw.go.jp/toukei/itiran/roudou/koyou/doukou/23-2/index.html)', '2023-08-22',
 'High is the share of regular workers of all industries who left an employer in 2022, 11.9 %: leaving the field is rarer than that. Low and mode are judgements.'),
('quit.US', 'quit_rate', 'US', null, null, 0.02, 0.05, 0.12, null, null, null),
('quit', 'quit_rate', null, null, null, 0.01, 0.04, 0.12, null, null, 'For every other country'),
('retire.JP.55', 'retirement_rate', 'JP', null, 55, 0.005, 0.01, 0.03, null, null, null),
('retire.JP.60', 'retirement_rate', 'JP', null, 60, 0.03, 0.08, 0.2, null, null,
 'Many still retire formally at 60 and are employed on until 65, as the Act on Stabilization of Employment of Elderly Persons has it'),
('retire.JP.65', 'retirement_rate', 'JP', null, 65, 0.2, 0.4, 0.7, null, null, null),
('retire.JP.70', 'retirement_rate', 'JP', null, 70, 0.3, 0.6, 0.9, null, null, null),
('retire.US.55', 'retirement_rate', 'US', null, 55, 0.01, 0.03, 0.06,
 'Physics Today 70(5):32 (2017)', '2017-05-01',
 'Faculty of 14 universities, mean age 56: three in ten were expected to retire within five years, 7 % a year over all who were near; spread over the ages by judgement.'),
('retire.US.60', 'retirement_rate', 'US', null, 60, 0.03, 0.07, 0.14, 'Physics Today 70(5):32 (2017)', '2017-05-01', 'As retire.US.55'),
('retire.US.65', 'retirement_rate', 'US', null, 65, 0.1, 0.2, 0.4, null, null, null),
('retire.US.70', 'retirement_rate', 'US', null, 70, 0.2, 0.4, 0.7, null, null, null),
('retire.55', 'retirement_rate', null, null, 55, 0.005, 0.02, 0.05, null, null, 'For every other country'),
('retire.60', 'retirement_rate', null, null, 60, 0.03, 0.08, 0.2, null, null, 'For every other country'),
('retire.65', 'retirement_rate', null, null, 65, 0.15, 0.3, 0.6, null, null, 'For every other country'),
('retire.70', 'retirement_rate', null, null, 70, 0.25, 0.5, 0.8, null, null, 'For every other country'),
('retire.unknown', 'retirement_rate', null, null, null, 0.01, 0.025, 0.05, null, null,
 'Of people whose birth cohort is not known: one working life of 40 years'),
('expire', 'expiry_rate', null, null, null, 0.0, 0.01, 0.03, null, null, 'A level that is not used is lost in time'),
('move.1', 'move_rate', null, 1, null, 0.05, 0.15, 0.3, null, null, null),
('move.2', 'move_rate', null, 2, null, 0.03, 0.1, 0.2, null, null, null),
('move.3', 'move_rate', null, 3, null, 0.02, 0.06, 0.12, null, null, null),
('move.4', 'move_rate', null, 4, null, 0.005, 0.02, 0.05, null, null, null),
('replace', 'replacement_share', null, null, null, 0.3, 0.6, 0.9, null, null, 'Of those who quit or retired, hired again within a year'),
('entry-age', 'entry_age', null, null, null, 28, 28, 28, null, null, 'About the age at a doctorate'),
('complete', 'completion_rate', null, null, null, 0.7, 0.88, 0.97, null, null, null),
('return', 'return_rate', null, null, null, 0.8, 0.93, 0.99, null, null, null),
('fill', 'fill_rate', null, null, null, 0.4, 0.7, 0.9, null, null, null),
('retain', 'retention_rate', null, null, null, 0.6, 0.8, 0.95, null, null, null),
('lag.session', 'session_lag', null, null, null, 0, 0.25, 1, null, null, null),
('growth.demand', 'demand_growth', null, null, null, 0, 0, 0, null, null, 'Stated demand is taken as it is')
) as entry (code, kind, country, level, age, low, mode, high, source, source_date, note)
on conflict do nothing;

-- What exchanges and seats cost and bring, for ranking opportunities and planning.
insert into core.assumption (code, kind, country, currency, low, mode, high, source, source_date, note, unverified)
select entry.code, entry.kind, entry.country, entry.currency, entry.low, entry.mode, entry.high,
    'Judgement, for want of a survey of people in fusion; to be replaced by one', '2026-11-24', entry.note, true
from (values
('months.visit', 'visit_months', null, null, 0.25, 1, 3, null),
('months.secondment', 'secondment_months', null, null, 6, 12, 24, null),
('months.seat', 'seat_months', null, null, 0.1, 0.5, 3, 'Time away from work for one program'),
('months.facility', 'facility_months', null, null, 1, 3, 6, null),
('cost.visit', 'visit_cost', null, null, 3000, 6000, 10000, 'Lodging and daily allowance, without salary'),
('cost.secondment', 'secondment_cost', null, null, 3000, 5000, 9000, 'Lodging and daily allowance, without salary'),
('cost.facility', 'facility_cost', null, null, 3000, 8000, 20000, 'Lodging, daily allowance and use of the facility'),
('cost.travel', 'travel_cost', null, null, 1500, 2500, 5000, 'There and back across the border'),
('cost.seat', 'seat_cost', null, null, 500, 3000, 10000, 'Where a program states no fee and its sessions no cost'),
('gain.visit', 'visit_gain', null, null, 0.01, 0.05, 0.15, null),
('gain.secondment', 'secondment_gain', null, null, 0.3, 0.6, 0.9, null),
('gain.facility', 'facility_gain', null, null, 0.05, 0.15, 0.4, null),
('mentored', 'mentored', null, null, 1, 2, 4, null),
('mentors', 'mentor_share', null, null, 0.05, 0.1, 0.2, null),
('places.facility', 'facility_places', null, null, 1, 2, 6, null),
('days.approval', 'approval_time', null, null, 60, 120, 270, 'Holds until enough exchanges are recorded to learn it from'),
('language.JP', 'language_ease', 'JP', null, 0.5, 0.7, 0.9, 'Guests from abroad in Japan'),
('language.US', 'language_ease', 'US', null, 0.8, 0.9, 1, 'Guests from abroad in the United States'),
('language', 'language_ease', null, null, 0.5, 0.8, 1, 'For every other country'),
('rate.JPY', 'currency_rate', null, 'JPY', 130, 150, 165, 'To be set to the rate that budgets are made with'),
('rate.EUR', 'currency_rate', null, 'EUR', 0.8, 0.9, 1, 'To be set to the rate that budgets are made with')
) as entry (code, kind, country, currency, low, mode, high, note)
on conflict do nothing;
