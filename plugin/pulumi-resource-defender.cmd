@echo off
rem Starts the provider plugin for the Pulumi engine. Needs Node.js 22.13 or newer on the PATH.
setlocal
set "folder=%~dp0."
node -e "const [a, b] = process.versions.node.split(String.fromCharCode(46)); process.exit(a > 22 || (a == 22 && b >= 13) ? 0 : 1)" 2>nul
if errorlevel 1 (
    echo pulumi-resource-defender needs Node.js 22.13 or newer on the PATH: install or update Node.js. 1>&2
    exit /b 1
)
set "main=%folder%\main.mjs"
if not exist "%main%" set "main=%folder%\..\dist\provider\plugin\main.js"
node "%main%" "%folder%" %*
