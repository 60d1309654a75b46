// The structures of requests.
#include "trillet_requests.hpp"

#include "suites.hpp"

#include <map>
#include <vector>

using namespace trillet;

namespace {

CallsSend sample() {
    CallsSend request;
    request.agent_id = "a1";
    request.to_number = "+12025550164";
    return request;
}

std::string body_of(const Opened &opened, std::size_t index) {
    std::size_t length = 0;
    const char *body = recorded_body(opened.server, index, &length);
    return std::string(body, length);
}

void fields_are_sent_by_the_names_of_the_api(const void *) {
    Opened opened;
    CHECK(opened.client.calls().send(sample()).ok());
    CHECK_VIEW(body_of(opened, 0), R"({"agentId":"a1","toNumber":"+12025550164"})");
    CallsSend request = sample();
    request.dynamic_variables = {{"first_name", "Ada"}, {"visits", 3}};
    request.metadata = std::map<std::string, std::string>{{"order", "1001"}};
    request.extra.set("somethingNew", true);
    CHECK(opened.client.calls().send(request).ok());
    CHECK_VIEW(body_of(opened, 1),
               R"({"agentId":"a1","toNumber":"+12025550164",)"
               R"("dynamicVariables":{"first_name":"Ada","visits":3},)"
               R"("metadata":{"order":"1001"},"somethingNew":true})");
    AgentsList list;
    list.limit = 7;
    CHECK(opened.client.agents().list(list).ok());
    CHECK_VIEW(taken(recorded_line(opened.server, 2)), "GET /api/v1/agents?limit=7");
}

void structures_nest(const void *) {
    AgentsCreate agent;
    agent.name = "Front Desk";
    agent.tts_model.provider = "rime";
    agent.tts_model.voice_id = "mistv2_Brook";
    agent.llm_model = "gpt-4.1-mini";
    agent.type = AgentType::voice;
    agent.settings = AgentSettings();
    agent.settings->speed = 0.6;
    agent.gap_between_each_attempt_for_smart_callback = std::vector<CallbackGap>(2);
    agent.gap_between_each_attempt_for_smart_callback->front().hours = 4;
    agent.phone_number_ids = {"n1", "n2"};
    CHECK_VIEW(agent.json().text(),
               R"({"name":"Front Desk","ttsModel":{"provider":"rime","voiceId":"mistv2_Brook"},)"
               R"("llmModel":"gpt-4.1-mini","type":"voice","settings":{"speed":0.6},)"
               R"("gapBetweenEachAttemptForSmartCallback":[{"hours":4},{}],)"
               R"("phoneNumberIds":["n1","n2"]})");
    NumbersAvailable numbers;
    numbers.type = NumberType::toll_free;
    CHECK_VIEW(numbers.json().text(), R"({"type":"tollFree"})");
    BatchCallsStart batch;
    batch.csv = "phone_number\n";
    batch.agent_id = "a1";
    batch.smart_callback_config = SmartCallbackConfig();
    CHECK_VIEW(batch.json().text(),
               R"({"csv":"phone_number\u000a","agentId":"a1","smartCallbackConfig":{}})");
}

void null_is_sent_where_the_api_takes_it(const void *) {
    FlowsUpdate request;
    request.flow_id = "f1";
    CHECK_VIEW(request.json().text(), R"({"flowId":"f1"})");
    request.agent = nullptr;
    request.folder_id = "folder";
    CHECK_VIEW(request.json().text(), R"({"flowId":"f1","agent":null,"folderId":"folder"})");
    CHECK(request.agent.is_null());
    CHECK(!request.folder_id.is_null());
    CHECK(request.folder_id.value() == "folder");
}

void what_is_missing_is_refused_before_it_is_sent(const void *) {
    Opened opened;
    CallsSend request;
    request.agent_id = "a1";
    CHECK_VIEW(opened.client.calls().send(request).error_field(), "toNumber");
    FlowsCreate flow;
    flow.name = "Renewals";
    CHECK_VIEW(opened.client.flows().create(flow).error_field(), "direction");
    VoicesCreate voice;
    voice.name = "Ada";
    CHECK_VIEW(opened.client.voices().create(voice).error_field(), "embedding");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
}

void a_structure_knows_its_operation(const void *) {
    Opened opened;
    CHECK_VIEW(opened.client.call(sample()).operation(), "calls.send");
    CHECK_VIEW(driven(opened.client, opened.client.submit_future(sample())).operation(),
               "calls.send");
    const std::uint64_t id = opened.client.submit(sample());
    const auto completion = opened.client.next(patience);
    CHECK(completion && completion->id == id && completion->answer.operation() == "calls.send");
    std::string told;
    bool has_ended = false;
    opened.client.submit(sample(), {{"timeoutMs", 9000}}, [&](std::uint64_t, Answer answer) {
        told = answer.operation();
        has_ended = true;
    });
    opened.client.close(patience);
    CHECK(has_ended);
    CHECK_VIEW(told, "calls.send");
}

void pages_are_asked_for_by_structure(const void *) {
    Opened opened;
    recording_server_answer_json(
        opened.server, 200,
        R"({"agents":[],"pagination":{"page":1,"limit":5,"total":0,"totalPages":0,)"
        R"("hasNext":false,"hasPrev":false}})");
    AgentsList request;
    request.limit = 5;
    int pages = 0;
    for (const Answer &page : opened.client.pages(request)) pages += page.ok() ? 1 : 0;
    CHECK_NUMBER(pages, 1);
    CHECK_VIEW(taken(recorded_line(opened.server, 0)), "GET /api/v1/agents?limit=5");
}

void a_structure_is_merged_like_json(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 200, R"({"_id":"f1","name":"old","prompt":"p"})");
    FlowsUpdate request;
    request.flow_id = "f1";
    request.name = "new";
    CHECK(opened.client.flows().update(request, {}, true).ok());
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    CHECK_VIEW(body_of(opened, 1), R"({"name":"new","prompt":"p"})");
}

#if defined(__cpp_designated_initializers)
void braces_name_the_fields(const void *) {
    Opened opened;
    const std::string agent = "a1";
    CHECK(opened.client.calls().send({.agent_id = agent, .to_number = "+12025550164"}).ok());
    CHECK(opened.client.calls()
              .send({.agent_id = agent,
                     .to_number = "+12025550164",
                     .dynamic_variables = json::object{{"first_name", "Ada"}},
                     .extra = {{"somethingNew", 1}}},
                    {{"timeoutMs", 9000}})
              .ok());
    CHECK_VIEW(body_of(opened, 0), R"({"agentId":"a1","toNumber":"+12025550164"})");
    CHECK_VIEW(body_of(opened, 1), R"({"agentId":"a1","toNumber":"+12025550164",)"
                                   R"("dynamicVariables":{"first_name":"Ada"},"somethingNew":1})");
}
#endif

} // namespace

void requests_suite() {
    check_suite("structures of requests");
    check_case("Fields are sent by the API's names", fields_are_sent_by_the_names_of_the_api,
               nullptr);
    check_case("Structures nest", structures_nest, nullptr);
    check_case("Null is sent where the API takes it", null_is_sent_where_the_api_takes_it, nullptr);
    check_case("What is missing is refused before it is sent",
               what_is_missing_is_refused_before_it_is_sent, nullptr);
    check_case("A structure knows its operation", a_structure_knows_its_operation, nullptr);
    check_case("Pages are asked for by structure", pages_are_asked_for_by_structure, nullptr);
    check_case("A structure is merged as JSON is", a_structure_is_merged_like_json, nullptr);
#if defined(__cpp_designated_initializers)
    check_case("Braces name the fields", braces_name_the_fields, nullptr);
#endif
}
