-- tests/bench: what wrk asks for load.py: packages of a list, at random, and one line of JSON at
-- the end. The list, a path a line, is the file named by LOAD_PATHS.
local requests = {}

function init()
	for path in io.lines(os.getenv("LOAD_PATHS")) do
		requests[#requests + 1] = wrk.format("GET", path)
	end
end

function request()
	return requests[math.random(#requests)]
end

function done(summary, latency)
	local errors = summary.errors
	io.write(string.format(
		'LOAD {"requests": %d, "seconds": %.6f, "bytes": %d, "failed": %d, "p50": %.3f, ' ..
		'"p99": %.3f, "p999": %.3f, "max": %.3f}\n',
		summary.requests, summary.duration / 1e6, summary.bytes,
		errors.connect + errors.read + errors.write + errors.status + errors.timeout,
		latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
		latency:percentile(99.9) / 1e3, latency.max / 1e3))
end
