# A blocking call, a contact file, a callback and an answer that is fetched.
#   R CMD SHLIB trillet_r.c -ltrillet
#   Rscript calls.R ./trillet_r.so
# Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
dyn.load(commandArgs(trailingOnly = TRUE)[1])

member <- function(name, json) {
  sub(paste0('.*?"', name, '":([0-9]+).*'), "\\1", json, perl = TRUE)
}
show <- function(what, name, json) cat(what, ": ", member(name, json), "\n", sep = "")

# R code may only run on R's own thread: with "caller" the function runs inside drive.
if (!.Call("open_client", '{"engine":"caller"}')) stop("no client: is TRILLET_API_KEY right?")
show("call", "status", .Call("call", "agents.list"))
show("contacts", "accepted", .Call("contacts", "phone_number\n+12025550164\n12\n"))

answer <- NULL
invisible(.Call("submit", "flows.list", function(text) answer <<- text))
while (is.null(answer)) .Call("drive", 1000L)
show("done", "status", answer)

invisible(.Call("submit", "agents.list", NULL))
show("next", "status", .Call("next_answer"))
invisible(.Call("close_client"))
