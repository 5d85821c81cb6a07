/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/subscription.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "log.h"

enum {
    POLL_MS = 5000,     /* after so long without news the log's end is asked for, and failed reads are tried again */
    PAGE_EVENTS = 250,
    READS_AT_ONCE = 4,  /* pages under way; the other feeds wait for their turn */
    STALL_CHECKS = 4,   /* looks at who waits for room, in the time that it may */
    VIEW_SIZE = 40,
    NOUN_SIZE = 64,
    CURSOR_SIZE = 40,
    HEAD_SIZE = 128,
};

/* What subscribers must have in common to be read for together. */
struct topic {
    char view[VIEW_SIZE], noun[NOUN_SIZE], organization[PRINCIPAL_ID_SIZE]; /* noun, organization: "" for all */
};

enum feed_state {
    FEED_IDLE,  /* all there was has been sent */
    FEED_DUE,   /* waits for its turn to read */
    FEED_READS, /* a page is under way */
    FEED_FULL,  /* its only subscriber has no room */
};

TAILQ_HEAD(member_list, subscription);

struct feed {
    TAILQ_ENTRY(feed) link; /* among all */
    TAILQ_ENTRY(feed) turn; /* among those that are due */
    struct subscriptions *all;
    struct topic topic;
    enum feed_state state;
    bool again; /* there was news while a page was under way */
    int64_t position;
    char cursor[CURSOR_SIZE];
    int64_t full_ms; /* since when it waits for room */
    struct read *read;
    struct member_list members;
};

struct subscription {
    LIST_ENTRY(subscription) link;   /* of the asker */
    TAILQ_ENTRY(subscription) fellow; /* of the feed */
    struct asker *asker;
    struct feed *feed;
    int64_t number;
};

/* A page under way. */
struct read {
    struct subscriptions *all;
    struct feed *feed; /* NULL when it has ended meanwhile */
    char reader[PRINCIPAL_ID_SIZE];
};

TAILQ_HEAD(feed_list, feed);

struct subscriptions {
    struct subscriptions_setup setup;
    json_t *constraints;
    struct event *poll, *stall;
    struct feed_list feeds, due;
    int count, feed_count, reading, full;
    int64_t last_number;
    bool heard, failed; /* since the last poll: news of the log's end; a read that is to be tried again */
};

/* What a page begins with, as api.event_page writes it. */
struct page_head {
    int64_t after, position, head, count;
    char cursor[CURSOR_SIZE];
};

static void pump(struct subscriptions *all);

static size_t
room_left(const struct subscription *subscription)
{
    size_t used = evbuffer_get_length(subscription->asker->output), most = subscription->feed->all->setup.limits->subscription_bytes;

    return used < most ? most - used : 0;
}

/* Feeds ------------------------------------------------------------------------------------------------------------ */

/* The only place where a feed's state changes. */
static void
feed_move(struct feed *feed, enum feed_state state)
{
    struct subscriptions *all = feed->all;

    if (feed->state == FEED_DUE)
        TAILQ_REMOVE(&all->due, feed, turn);
    else if (feed->state == FEED_READS)
        all->reading--;
    else if (feed->state == FEED_FULL)
        all->full--;
    feed->state = state;
    if (state == FEED_DUE) {
        TAILQ_INSERT_TAIL(&all->due, feed, turn);
    } else if (state == FEED_READS) {
        all->reading++;
    } else if (state == FEED_FULL) {
        int check_ms = all->setup.limits->subscription_stall_ms / STALL_CHECKS + 1;
        struct timeval pause = {check_ms / 1000, check_ms % 1000 * 1000};

        feed->full_ms = gate_now_ms();
        all->full++;
        if (!evtimer_pending(all->stall, NULL))
            evtimer_add(all->stall, &pause);
    }
}

/* There may be something to read. */
static void
feed_wake(struct feed *feed)
{
    if (feed->state == FEED_IDLE)
        feed_move(feed, FEED_DUE);
    else if (feed->state == FEED_READS)
        feed->again = true;
}

static struct feed *
feed_new(struct subscriptions *all, const struct topic *topic, int64_t position, const char *cursor)
{
    struct feed *feed = calloc(1, sizeof *feed);

    if (feed == NULL)
        return NULL;
    feed->all = all;
    feed->topic = *topic;
    feed->position = position;
    snprintf(feed->cursor, sizeof feed->cursor, "%s", cursor);
    TAILQ_INIT(&feed->members);
    TAILQ_INSERT_TAIL(&all->feeds, feed, link);
    all->feed_count++;
    return feed;
}

static void
feed_free(struct feed *feed)
{
    struct subscriptions *all = feed->all;

    assert(TAILQ_EMPTY(&feed->members));
    if (feed->read != NULL)
        feed->read->feed = NULL;
    feed_move(feed, FEED_IDLE);
    TAILQ_REMOVE(&all->feeds, feed, link);
    all->feed_count--;
    free(feed);
}

static void
join(struct subscription *subscription, struct feed *feed)
{
    subscription->feed = feed;
    TAILQ_INSERT_TAIL(&feed->members, subscription, fellow);
}

/* A feed that has sent all there was joins another at the same place. */
static void
feed_merge(struct feed *feed)
{
    struct feed *other;
    struct subscription *member;

    TAILQ_FOREACH(other, &feed->all->feeds, link)
    {
        if (other != feed && other->position == feed->position && other->state == FEED_IDLE &&
            memcmp(&other->topic, &feed->topic, sizeof feed->topic) == 0 && strcmp(other->cursor, feed->cursor) == 0)
            break;
    }
    if (other == NULL)
        return;
    while ((member = TAILQ_FIRST(&feed->members)) != NULL) {
        TAILQ_REMOVE(&feed->members, member, fellow);
        join(member, other);
    }
    feed_free(feed);
}

/* Subscriptions ---------------------------------------------------------------------------------------------------- */

/* Takes a subscription away. Its feed stays, be it empty. */
static void
subscription_drop(struct subscription *subscription)
{
    struct asker *asker = subscription->asker;

    TAILQ_REMOVE(&subscription->feed->members, subscription, fellow);
    LIST_REMOVE(subscription, link);
    asker->subscribed--;
    subscription->feed->all->count--;
    free(subscription);
}

static void
subscription_free(struct subscription *subscription)
{
    struct feed *feed = subscription->feed;

    subscription_drop(subscription);
    if (TAILQ_EMPTY(&feed->members))
        feed_free(feed);
}

/* Says that a subscription is over, why, and where to go on. */
static void
say_end(const struct subscription *subscription, const struct fault *fault)
{
    struct asker *asker = subscription->asker;
    json_t *data = json_pack("{s:s}", "name", error_name(fault->code)), *message;
    char *text;

    if (fault->parameter[0] != '\0')
        json_object_set_new(data, "parameter", json_string(fault->parameter));
    if (fault->expected[0] != '\0')
        json_object_set_new(data, "expected", json_string(fault->expected));
    message = json_pack("{s:s, s:s, s:{s:I, s:s, s:{s:i, s:s, s:o}}}", "jsonrpc", "2.0", "method", "event.ended", "params",
                        "subscription", (json_int_t)subscription->number, "cursor", subscription->feed->cursor, "error", "code",
                        fault->code, "message", fault->message, "data", data);
    text = message != NULL ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text == NULL || evbuffer_add(asker->output, text, strlen(text)) != 0 || evbuffer_add(asker->output, "\n", 1) != 0)
        asker->broken = true;
    free(text);
    json_decref(message);
}

void
subscriptions_end(struct asker *asker, int code, const char *sentence)
{
    struct subscription *subscription;
    struct fault fault;

    fault_set(&fault, code, "%s", sentence);
    while ((subscription = LIST_FIRST(&asker->subscriptions)) != NULL) {
        say_end(subscription, &fault);
        subscription_free(subscription);
    }
}

void
subscriptions_forget(struct asker *asker)
{
    struct subscription *subscription;

    while ((subscription = LIST_FIRST(&asker->subscriptions)) != NULL)
        subscription_free(subscription);
}

/* Whether the subscriber may still be sent anything; one that may not is told so, and is gone. */
static bool
member_holds(struct subscription *member)
{
    const struct gate *gate = member->feed->all->setup.gate;
    const struct principal *who = &member->asker->who;
    int64_t now_ms = gate_now_ms();
    struct fault fault;

    if (who->token[0] == '\0')
        return true;
    if (who->until_ms != 0 && now_ms >= who->until_ms)
        fault_set(&fault, ERROR_UNAUTHENTICATED, "The sign-in has ended");
    else if (gate != NULL && !gate_is_fresh(gate, now_ms))
        fault_set(&fault, ERROR_UNAVAILABLE,
                  "The daemon cannot tell whether the token is still good; subscribe again from the cursor");
    else
        return true;
    say_end(member, &fault);
    subscription_drop(member);
    return false;
}

/* Reading ---------------------------------------------------------------------------------------------------------- */

static int
page_read_head(struct page_head *head, const char *text)
{
    /* The widths are one less than the sizes. */
    return text != NULL && sscanf(text,
                                  "{\"after\":%" SCNd64 ",\"position\":%" SCNd64 ",\"cursor\":\"%39[0-9a-f:]\",\"head\":%" SCNd64
                                  ",\"count\":%" SCNd64 ",\"events\":[",
                                  &head->after, &head->position, head->cursor, &head->head, &head->count) == 5
               ? 0
               : -1;
}

static void
send_page(struct subscription *member, struct shared_text *page)
{
    struct asker *asker = member->asker;
    const char *rest = shared_text(page) + 1; /* after its brace */
    size_t size = strlen(rest);
    char head[HEAD_SIZE];
    int head_size = snprintf(head, sizeof head,
                             "{\"jsonrpc\":\"2.0\",\"method\":\"event.notify\",\"params\":{\"subscription\":%" PRId64 ",",
                             member->number);

    if (asker->broken)
        return;
    if (member->feed->all->setup.gate != NULL)
        gate_charge_bytes(member->feed->all->setup.gate, &asker->who, asker->address, size);
    if (evbuffer_add(asker->output, head, (size_t)head_size) != 0) {
        asker->broken = true;
    } else if (evbuffer_add_reference(asker->output, rest, size, shared_text_release, shared_text_keep(page)) != 0) {
        shared_text_release(NULL, 0, page);
        asker->broken = true;
    } else if (evbuffer_add(asker->output, "}\n", 2) != 0) {
        asker->broken = true;
    }
}

/* Who has no room goes on alone, from where all of them are. */
static void
set_apart(struct subscription *member)
{
    struct feed *feed = member->feed, *own = feed_new(feed->all, &feed->topic, feed->position, feed->cursor);
    struct fault fault;

    if (own == NULL) {
        fault_set(&fault, ERROR_UNAVAILABLE, "The daemon has no memory left; subscribe again from the cursor");
        say_end(member, &fault);
        subscription_drop(member);
        return;
    }
    TAILQ_REMOVE(&feed->members, member, fellow);
    join(member, own);
    feed_move(own, FEED_FULL);
}

static void
page_deliver(struct feed *feed, const struct page_head *head, struct shared_text *page)
{
    struct subscription *member, *next;
    bool alone = TAILQ_NEXT(TAILQ_FIRST(&feed->members), fellow) == NULL;

    for (member = TAILQ_FIRST(&feed->members); member != NULL; member = next) {
        next = TAILQ_NEXT(member, fellow);
        if (head->count == 0 || !member_holds(member))
            continue;
        if (!alone && room_left(member) == 0)
            set_apart(member);
        else
            send_page(member, page);
    }
    feed->position = head->position;
    memcpy(feed->cursor, head->cursor, sizeof feed->cursor);
}

/* All members of a feed, or those alone as whom it was read, are told why they are cut off. */
static void
feed_refuse(struct feed *feed, const char *reader, const struct fault *fault)
{
    struct subscription *member, *next;

    for (member = TAILQ_FIRST(&feed->members); member != NULL; member = next) {
        next = TAILQ_NEXT(member, fellow);
        if (reader != NULL && strcmp(member->asker->who.id, reader) != 0)
            continue;
        say_end(member, fault);
        subscription_drop(member);
    }
}

/* Returns whether to read on at once. */
static bool
page_refused(struct feed *feed, const struct reply *reply, const char *reader)
{
    struct subscriptions *all = feed->all;
    json_t *detail = NULL;
    struct fault fault;
    bool personal;

    if (reply->status != REPLY_FAILED) {
        all->failed = true; /* the database is away */
        return false;
    }
    answer_explain(&fault, &detail, reply, false, all->constraints);
    if (fault.code == ERROR_UNAVAILABLE || fault.code == ERROR_TIMEOUT || fault.code == ERROR_INTERNAL) {
        log_write(LOG_WARNING, "events cannot be read and will be tried again sqlstate=%s", reply->sqlstate);
        all->failed = true;
    } else {
        const char *expected = json_string_value(json_object_get(detail, "expected")),
                   *parameter = json_string_value(json_object_get(detail, "parameter"));

        if (expected != NULL)
            fault_expect(&fault, "%s", expected);
        if (parameter != NULL)
            snprintf(fault.parameter, sizeof fault.parameter, "%s", parameter);
        personal = fault.code == ERROR_DENIED || fault.code == ERROR_UNAUTHENTICATED;
        feed_refuse(feed, personal ? reader : NULL, &fault);
    }
    json_decref(detail);
    return !all->failed;
}

static void
page_arrived(struct reply *reply, void *context)
{
    struct read *read = context;
    struct subscriptions *all = read->all;
    struct feed *feed = read->feed;
    struct page_head head;
    struct shared_text *page;
    bool more = false;

    if (feed == NULL)
        goto out;
    feed->read = NULL;
    feed_move(feed, FEED_IDLE);
    if (reply->status == REPLY_OK && page_read_head(&head, reply->text) == 0 && head.after == feed->position) {
        page = shared_text_new(strdup(reply->text));
        if (page != NULL)
            page_deliver(feed, &head, page);
        all->failed |= page == NULL;
        shared_text_release(NULL, 0, page);
        more = page != NULL && (head.position < head.head || feed->again);
    } else if (reply->status == REPLY_OK) {
        log_write(LOG_ERR, "a page of events makes no sense");
        all->failed = true;
    } else {
        more = page_refused(feed, reply, read->reader);
    }
    feed->again = false;
    if (TAILQ_EMPTY(&feed->members))
        feed_free(feed);
    else if (more)
        feed_wake(feed);
    else
        feed_merge(feed);
out:
    free(read);
    pump(all);
}

/* Reads a feed's next page. Returns 0, or -1 where the pool has no place for it. */
static int
feed_read(struct feed *feed)
{
    struct subscriptions *all = feed->all;
    struct subscription *member = TAILQ_FIRST(&feed->members);
    struct read *read;
    char limit[16];
    const char *values[] = {member->asker->who.id,
                            feed->topic.view,
                            feed->topic.noun[0] != '\0' ? feed->topic.noun : NULL,
                            feed->topic.organization[0] != '\0' ? feed->topic.organization : NULL,
                            feed->cursor,
                            limit};

    snprintf(limit, sizeof limit, "%d", PAGE_EVENTS);
    read = calloc(1, sizeof *read);
    if (read == NULL)
        return -1;
    read->all = all;
    read->feed = feed;
    snprintf(read->reader, sizeof read->reader, "%s", member->asker->who.id);
    if (pool_send(all->setup.pool, all->setup.page, values, page_arrived, read) != 0) {
        free(read);
        return -1;
    }
    feed->read = read;
    feed_move(feed, FEED_READS);
    return 0;
}

/* Gives feeds their turn. */
static void
pump(struct subscriptions *all)
{
    struct feed *feed;

    while (all->reading < READS_AT_ONCE && (feed = TAILQ_FIRST(&all->due)) != NULL) {
        struct subscription *member = TAILQ_FIRST(&feed->members);

        if (!member_holds(member)) {
            if (TAILQ_EMPTY(&feed->members))
                feed_free(feed);
        } else if (TAILQ_NEXT(member, fellow) == NULL && room_left(member) < all->setup.limits->subscription_bytes / 2) {
            feed_move(feed, FEED_FULL);
        } else if (feed_read(feed) != 0) {
            all->failed = true;
            break;
        }
    }
}

void
subscriptions_drained(struct asker *asker)
{
    struct subscription *subscription;
    struct subscriptions *all = NULL;

    LIST_FOREACH(subscription, &asker->subscriptions, link)
    {
        struct feed *feed = subscription->feed;

        if (feed->state != FEED_FULL || room_left(subscription) < feed->all->setup.limits->subscription_bytes / 2)
            continue;
        all = feed->all;
        feed_move(feed, FEED_DUE);
    }
    if (all != NULL)
        pump(all);
}

/* The clock, and news ---------------------------------------------------------------------------------------------- */

static void
on_stall(evutil_socket_t fd, short what, void *context)
{
    struct subscriptions *all = context;
    const struct limits *limits = all->setup.limits;
    int check_ms = limits->subscription_stall_ms / STALL_CHECKS + 1;
    struct timeval pause = {check_ms / 1000, check_ms % 1000 * 1000};
    struct feed *feed, *next;
    struct fault fault;

    (void)fd;
    (void)what;
    for (feed = TAILQ_FIRST(&all->feeds); feed != NULL; feed = next) {
        next = TAILQ_NEXT(feed, link);
        if (feed->state != FEED_FULL || gate_now_ms() - feed->full_ms < limits->subscription_stall_ms)
            continue;
        fault_set(&fault, ERROR_LIMIT_EXCEEDED,
                  "The subscriber left %zu bytes unread for %d ms and is cut off; subscribe again from the cursor",
                  limits->subscription_bytes, limits->subscription_stall_ms);
        fault_expect(&fault, "a subscriber that reads what it is sent");
        log_write(LOG_NOTICE, "a slow subscriber is cut off address=%s", TAILQ_FIRST(&feed->members)->asker->address);
        feed_refuse(feed, NULL, &fault);
        feed_free(feed);
    }
    if (all->full > 0)
        evtimer_add(all->stall, &pause);
}

void
subscriptions_sealed(int64_t position, void *context)
{
    struct subscriptions *all = context;
    struct feed *feed;

    all->heard = true;
    TAILQ_FOREACH(feed, &all->feeds, link)
    {
        if (position < 0 || feed->position != position)
            feed_wake(feed);
    }
    pump(all);
}

static void
head_arrived(struct reply *reply, void *context)
{
    if (reply->status == REPLY_OK && reply->text != NULL)
        subscriptions_sealed(strtoll(reply->text, NULL, 10), context);
}

static void
on_poll(evutil_socket_t fd, short what, void *context)
{
    struct subscriptions *all = context;
    static const char *const values[] = {NULL};

    (void)fd;
    (void)what;
    if (TAILQ_EMPTY(&all->feeds))
        return;
    if (all->failed) {
        all->failed = false;
        subscriptions_sealed(-1, all);
    } else if (!all->heard) {
        pool_send(all->setup.pool, all->setup.head, values, head_arrived, all);
    }
    all->heard = false;
}

/* Subscribing ------------------------------------------------------------------------------------------------------ */

int
subscription_begin(struct item *item, struct fault *fault)
{
    struct asker *asker = item->call->asker;
    const struct subscriptions *all = item->call->dispatch->subscriptions;
    const struct limits *limits = item->call->dispatch->limits;

    asker->subscribing++;
    snprintf(item->caller, sizeof item->caller, "%s", asker->who.id);
    if (all == NULL || asker->leaving) {
        fault_set(fault, ERROR_UNAVAILABLE, "Nobody can subscribe here at the moment");
        return -1;
    }
    if (asker->subscribed + asker->subscribing > limits->subscriptions_connection) {
        fault_set(fault, ERROR_LIMIT_EXCEEDED, "A connection may have %d subscriptions", limits->subscriptions_connection);
        fault_expect(fault, "event.unsubscribe first, or another connection");
        return -1;
    }
    if (all->count >= limits->subscriptions) {
        fault_set(fault, ERROR_LIMIT_EXCEEDED, "The daemon has its %d subscriptions; try again later", limits->subscriptions);
        return -1;
    }
    return 0;
}

void
subscription_refused(struct item *item, const struct fault *fault)
{
    item->call->asker->subscribing--;
    item_fault(item, fault, NULL, NULL);
}

static void
topic_read(struct topic *topic, const json_t *answer)
{
    const char *noun = json_string_value(json_object_get(answer, "noun")),
               *organization = json_string_value(json_object_get(answer, "organization")),
               *view = json_string_value(json_object_get(answer, "view"));

    memset(topic, 0, sizeof *topic); /* it is compared whole */
    snprintf(topic->view, sizeof topic->view, "%s", view != NULL ? view : "");
    snprintf(topic->noun, sizeof topic->noun, "%s", noun != NULL ? noun : "");
    snprintf(topic->organization, sizeof topic->organization, "%s", organization != NULL ? organization : "");
}

/* Opens what the database has agreed to. NULL when out of memory. */
static struct subscription *
subscription_open(struct subscriptions *all, struct asker *asker, const json_t *answer)
{
    struct subscription *subscription = calloc(1, sizeof *subscription);
    const char *cursor = json_string_value(json_object_get(answer, "cursor"));
    struct topic topic;
    struct feed *feed;

    topic_read(&topic, answer);
    feed = subscription != NULL && cursor != NULL
               ? feed_new(all, &topic, json_integer_value(json_object_get(answer, "position")), cursor)
               : NULL;
    if (feed == NULL) {
        free(subscription);
        return NULL;
    }
    subscription->asker = asker;
    subscription->number = ++all->last_number;
    LIST_INSERT_HEAD(&asker->subscriptions, subscription, link);
    asker->subscribed++;
    all->count++;
    join(subscription, feed);
    return subscription;
}

void
subscription_arrived(struct item *item, struct reply *reply)
{
    struct asker *asker = item->call->asker;
    struct subscriptions *all = item->call->dispatch->subscriptions;
    struct subscription *subscription;
    json_t *answer;
    struct fault fault;

    if (asker != NULL)
        asker->subscribing--;
    if (asker == NULL || reply->status != REPLY_OK) {
        item_reply(item, reply);
        return;
    }
    /* Whoever has signed out, or in, meanwhile did not subscribe. */
    if (asker->leaving || strcmp(asker->who.id, item->caller) != 0 || all->count >= item->call->dispatch->limits->subscriptions) {
        fault_set(&fault, ERROR_UNAVAILABLE, "What the caller may do was changed at this moment; try again");
        item_fault(item, &fault, NULL, NULL);
        return;
    }
    answer = json_loads(reply->text != NULL ? reply->text : "", 0, NULL);
    subscription = subscription_open(all, asker, answer);
    if (subscription == NULL) {
        fault_set(&fault, ERROR_UNAVAILABLE, "The daemon has no memory left; try again later");
        item_fault(item, &fault, NULL, NULL);
    } else {
        item_object(item, json_pack("{s:I, s:O, s:O}", "subscription", (json_int_t)subscription->number, "position",
                                    json_object_get(answer, "position"), "cursor", json_object_get(answer, "cursor")));
        feed_wake(subscription->feed);
        pump(all);
    }
    json_decref(answer);
}

void
subscription_leave(const struct item *item, const char *number)
{
    int64_t wanted = strtoll(number, NULL, 10);
    struct subscription *subscription;
    struct fault fault;

    LIST_FOREACH(subscription, &item->call->asker->subscriptions, link)
    {
        if (subscription->number == wanted)
            break;
    }
    if (subscription == NULL) {
        fault_set(&fault, ERROR_NOT_FOUND, "This connection has no subscription %" PRId64, wanted);
        snprintf(fault.parameter, sizeof fault.parameter, "subscription");
        fault_expect(&fault, "a number that event.subscribe answered here, and that has not ended");
        item_fault(item, &fault, NULL, NULL);
        return;
    }
    item_object(item, json_pack("{s:I, s:s}", "subscription", (json_int_t)wanted, "cursor", subscription->feed->cursor));
    subscription_free(subscription);
}

json_t *
subscriptions_describe(const struct subscriptions *all)
{
    return json_pack("{s:i, s:i, s:i}", "open", all != NULL ? all->count : 0, "feeds", all != NULL ? all->feed_count : 0,
                     "waiting", all != NULL ? all->full : 0);
}

struct subscriptions *
subscriptions_new(const struct subscriptions_setup *setup)
{
    struct subscriptions *all = calloc(1, sizeof *all);
    const struct timeval pause = {POLL_MS / 1000, POLL_MS % 1000 * 1000};

    if (all == NULL)
        return NULL;
    all->setup = *setup;
    all->constraints = json_incref(json_object_get(setup->start, "constraints"));
    TAILQ_INIT(&all->feeds);
    TAILQ_INIT(&all->due);
    all->poll = event_new(setup->base, -1, EV_PERSIST, on_poll, all);
    all->stall = evtimer_new(setup->base, on_stall, all);
    if (all->poll == NULL || all->stall == NULL || event_add(all->poll, &pause) != 0) {
        subscriptions_free(all);
        return NULL;
    }
    return all;
}

void
subscriptions_free(struct subscriptions *all)
{
    if (all == NULL)
        return;
    if (all->poll != NULL)
        event_free(all->poll);
    if (all->stall != NULL)
        event_free(all->stall);
    json_decref(all->constraints);
    free(all);
}
