// What every page runs. Nothing here is needed to use a page: it only spares reloads.
import { bindCopyButtons } from "./copy.js";
import { bindLive } from "./live.js";
import { bindMenu } from "./menu.js";
import { bindTheme } from "./theme.js";
import { bindUpload } from "./upload.js";

document.documentElement.classList.add("has-script");
bindTheme();
bindCopyButtons();
bindMenu();
bindLive();
bindUpload();
