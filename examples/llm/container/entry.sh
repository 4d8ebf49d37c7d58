#!/bin/sh
# Becomes vLLM's server, which answers /ping, /invocations and OpenAI's /v1/… by itself. It reads:
#   MODEL              the model's id on Hugging Face, and the name that requests call it by
#   MODEL_DIR          where a registry's model is mounted: its files go first
#   MODEL_URI          where they are, on services that mount nothing: they are fetched to WEIGHTS_DIR, /tmp/weights
#   WEIGHTS_URI        the same for files of your own choice, such as those of a lake, which the endpoint was granted
#   ACCELERATOR_COUNT  set by the platform: the model is split over that many accelerators
#   HF_TOKEN, or HF_TOKEN_SECRET_ID, which names the secret that has it
#   PORT               8080 where nobody says otherwise
#   MAX_MODEL_LEN      tokens of a request and its answer; the model's own limit where nobody says otherwise
# The argument `serve`, which some services give, changes nothing; other arguments are vLLM's.
set -eu

[ "${1-}" != serve ] || shift
if [ -z "${HF_TOKEN-}" ] && [ -n "${HF_TOKEN_SECRET_ID-}" ]; then
  HF_TOKEN=$(python3 "$(dirname -- "$0")/secret.py" "$HF_TOKEN_SECRET_ID")
  export HF_TOKEN
fi

URI=${MODEL_URI:-${WEIGHTS_URI-}}
if [ -z "${MODEL_DIR-}" ] && [ -n "$URI" ]; then
  MODEL_DIR=${WEIGHTS_DIR:-/tmp/weights}
  python3 "$(dirname -- "$0")/weights.py" "$URI" "$MODEL_DIR"
fi
if [ -n "${MODEL_DIR-}" ]; then
  set -- "$MODEL_DIR" --served-model-name "${MODEL:-model}" "$@"
else
  set -- "${MODEL:?is the id of a model on Hugging Face}" "$@"
fi
[ -z "${MAX_MODEL_LEN-}" ] || set -- "$@" --max-model-len "$MAX_MODEL_LEN"
exec vllm serve "$@" --host 0.0.0.0 --port "${PORT:-8080}" --tensor-parallel-size "${ACCELERATOR_COUNT:-1}"
