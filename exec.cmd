@rem Scripts in package.json begin with "exec", which cmd does not know: see docs/decisions/0006-own-node-launcher.md
@%*
