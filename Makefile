# make run [DEMO=1]   install what is missing and start the server
# make test           install what is missing and run every test
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:  ## 列出命令
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: setup  ## 安装并启动（DEMO=1 加入演示账号和样例）
	$(BIN)/python server.py $(if $(DEMO),--demo,)

test:  ## 安装并运行全部测试
	@$(MAKE) --no-print-directory -j2 setup-test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q $(ARGS)

setup: $(VENV)/.run static fonts

setup-test: $(VENV)/.test static fonts

system:  ## 安装系统库（需要 root 或 sudo）
	@sh .ci/system.sh run

$(VENV)/.run: requirements/run.txt pyproject.toml
	@sh .ci/system.sh run
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements/run.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@sh .ci/system.sh test
	$(BIN)/pip install -q --require-hashes -r requirements/test.txt
	@touch $@

static: $(VENV)/.run  ## 构建网页静态文件
	@$(BIN)/python plugin/studio/build.py

fonts: static  ## 生成打印字体（第一次约一分钟）
	@$(BIN)/python -m zuozhen.documents.fontkit instance/fonts

check: setup  ## 检查全部流程包
	$(BIN)/zuozhen check

lock:  ## 重新锁定依赖（只写版本和摘要，不写下载地址）
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --extra postgresql --extra build -o requirements/run.txt pyproject.toml requirements/base.in
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --extra postgresql --extra build --extra test -c requirements/run.txt -o requirements/test.txt pyproject.toml requirements/base.in

clean:  ## 删除安装和构建的一切（不删 instance 中的数据）
	rm -rf $(VENV) plugin/studio/node_modules plugin/zuozhen/web/static/dist

.PHONY: help run test setup setup-test system static fonts check lock clean
